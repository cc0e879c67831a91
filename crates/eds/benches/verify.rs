//! How long one signature takes, against the textbook: affine points, an inversion for every addition, two separate
//! multiplications, numbers of any size. Run with `cargo bench -p eds`.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use eds::{
    Family, Hash,
    testing::{Authority, Key, Profile},
};
use num_bigint::BigUint;

fn main() {
    let now: jiff::Timestamp = "2026-11-22T10:00:00Z".parse().expect("an instant");
    for (family, hash, curve) in [
        (Family::Gost2015, Hash::Streebog512, Some(Textbook::tc26_512_a())),
        (Family::Gost2004, Hash::Gost94, Some(Textbook::cryptopro_a())),
        (Family::Rsa, Hash::Sha256, None),
    ] {
        let authority = Authority::new(family, "bench", now);
        let holder = authority.issue(&Profile::individual("880101300123"), "client");
        let ours = time(20, || assert!(black_box(&holder.certificate).is_issued_by(authority.issuing())));
        let name = family.name();
        println!("{name}: {:.3} ms a signature", ours.as_secs_f64() * 1e3);
        let Some(curve) = curve else { continue };

        let message = b"a message of a few words";
        let key = Key::of(family, "client");
        let (digest, signature, public) = (hash.digest(message), key.sign(message), key.public_point());
        assert!(curve.verify(&public, &digest, &signature), "the textbook agrees");
        let textbook = time(1, || assert!(curve.verify(&public, &digest, &signature)));
        println!(
            "{name}: {:.1} ms by the textbook, {:.0} times as long",
            textbook.as_secs_f64() * 1e3,
            textbook.as_secs_f64() / ours.as_secs_f64()
        );
    }
}

/// The quickest of ten rounds: what the machine does beside is not ours.
fn time(times: u32, mut work: impl FnMut()) -> Duration {
    let mut round = || {
        let start = Instant::now();
        (0..times).for_each(|_| work());
        start.elapsed() / times
    };
    (0..10).map(|_| round()).min().unwrap_or_default()
}

struct Textbook {
    p: BigUint,
    q: BigUint,
    a: BigUint,
    base: (BigUint, BigUint),
    bytes: usize,
}

impl Textbook {
    fn tc26_512_a() -> Self {
        Self::new(
            64,
            569,
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff27e69532f48d89116ff22b8d4e0560609b4b38abfad2b85dcacdb1411f10b275",
            3,
            "7503cfe87a836ae3a61b8816e25450e6ce5e1c93acf1abc1778064fdcbefa921df1626be4fd036e93d75e6a50e3a41e98028fe5fc235f5b889a589cb5215f2a4",
        )
    }

    fn cryptopro_a() -> Self {
        Self::new(
            32,
            617,
            "ffffffffffffffffffffffffffffffff6c611070995ad10045841b09b761b893",
            1,
            "8d91e471e0989cda27df505a453f2b7635294f2ddf23e3b122acc99c9e9f1e14",
        )
    }

    fn new(bytes: usize, c: u32, q: &str, x: u32, y: &str) -> Self {
        let number = |hex: &str| BigUint::parse_bytes(hex.as_bytes(), 16).expect("hexadecimal");
        let p = (BigUint::from(1_u8) << (8 * bytes)) - c;
        Self { a: &p - 3_u8, p, q: number(q), base: (BigUint::from(x), number(y)), bytes }
    }

    fn verify(&self, public: &[u8], digest: &[u8], signature: &[u8]) -> bool {
        let pair = |bytes: &[u8]| {
            (BigUint::from_bytes_le(&bytes[..self.bytes]), BigUint::from_bytes_le(&bytes[self.bytes..]))
        };
        let ((r, s), e) = (pair(signature), BigUint::from_bytes_le(digest) % &self.q);
        let inverse = e.modinv(&self.q).expect("q is prime");
        let of_base = &s * &inverse % &self.q;
        let of_key = (&self.q - &r) * &inverse % &self.q;
        let sum = self.add(self.multiple(&of_base, &self.base), self.multiple(&of_key, &pair(public)));
        sum.is_some_and(|(x, _)| x % &self.q == r)
    }

    fn multiple(&self, scalar: &BigUint, point: &(BigUint, BigUint)) -> Option<(BigUint, BigUint)> {
        let mut sum = None;
        for bit in (0..scalar.bits()).rev() {
            sum = self.add(sum.clone(), sum);
            if scalar.bit(bit) {
                sum = self.add(sum, Some(point.clone()));
            }
        }
        sum
    }

    fn add(
        &self,
        left: Option<(BigUint, BigUint)>,
        right: Option<(BigUint, BigUint)>,
    ) -> Option<(BigUint, BigUint)> {
        let (Some((x1, y1)), Some((x2, y2))) = (&left, &right) else { return left.or(right) };
        let p = &self.p;
        let slope = if x1 == x2 {
            if y1 != y2 {
                return None;
            }
            (x1 * x1 * 3_u8 + &self.a) * (y1 * 2_u8).modinv(p)?
        } else {
            (y2 + p - y1) * (x2 + p - x1).modinv(p)?
        } % p;
        let x = (&slope * &slope + p + p - x1 - x2) % p;
        let y = (&slope * (x1 + p - &x) + p - y1) % p;
        Some((x, y))
    }
}
