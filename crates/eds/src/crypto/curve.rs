//! The arithmetic of GOST R 34.10: two curves over primes of the form 2ⁿ − c, both with a = −3.
//!
//! Points are Jacobian while they are added and affine while they wait in tables. A signature is checked with one
//! interleaved walk over the digits of both scalars (Shamir's trick, width-w NAF). Nothing here is secret, so nothing
//! is done in constant time; the test authority signs with it and guards nothing.

use std::sync::LazyLock;

use crypto_bigint::{Limb, Odd, Uint};

/// GOST R 34.10-2012, 512 bits: id-tc26-gost-3410-12-512-paramSetA (RFC 7836).
pub(crate) static TC26_512_A: LazyLock<Curve<8>> = LazyLock::new(|| {
    Curve::new(
        569,
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff27e69532f48d89116ff22b8d4e0560609b4b38abfad2b85dcacdb1411f10b275",
        "e8c2505dedfc86ddc1bd0b2b6667f1da34b82574761cb0e879bd081cfd0b6265ee3cb090f30d27614cb4574010da90dd862ef9d4ebee4761503190785a71c760",
        Uint::from_u8(3),
        "7503cfe87a836ae3a61b8816e25450e6ce5e1c93acf1abc1778064fdcbefa921df1626be4fd036e93d75e6a50e3a41e98028fe5fc235f5b889a589cb5215f2a4",
    )
});

/// GOST 34.310-2004, 256 bits: id-GostR3410-2001-CryptoPro-A-ParamSet (RFC 4357).
pub(crate) static CRYPTOPRO_A: LazyLock<Curve<4>> = LazyLock::new(|| {
    Curve::new(
        617,
        "ffffffffffffffffffffffffffffffff6c611070995ad10045841b09b761b893",
        "00000000000000000000000000000000000000000000000000000000000000a6",
        Uint::ONE,
        "8d91e471e0989cda27df505a453f2b7635294f2ddf23e3b122acc99c9e9f1e14",
    )
});

/// The base point waits with its odd multiples 1, 3 … 127.
const BASE_WIDTH: u32 = 8;
/// A key is met once: its odd multiples 1, 3 … 15.
const KEY_WIDTH: u32 = 5;

/// y² = x³ − 3x + b over the prime 2^(64·N) − c, with a base point of prime order q and cofactor 1.
pub(crate) struct Curve<const N: usize> {
    c: Limb,
    p: Odd<Uint<N>>,
    q: Odd<Uint<N>>,
    b: Uint<N>,
    base: Vec<Point<N>>,
}

/// A point of the curve other than infinity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point<const N: usize> {
    x: Uint<N>,
    y: Uint<N>,
}

/// (x/z², y/z³), or infinity where z is zero.
#[derive(Clone, Copy)]
struct Jacobian<const N: usize> {
    x: Uint<N>,
    y: Uint<N>,
    z: Uint<N>,
}

impl<const N: usize> Curve<N> {
    fn new(c: u64, q: &str, b: &str, x: Uint<N>, y: &str) -> Self {
        let mut curve = Self {
            c: Limb(c),
            p: Odd::new(Uint::ZERO.wrapping_sub(&Uint::from_u64(c))).expect("2^n - odd is odd"),
            q: Odd::from_be_hex(q),
            b: Uint::from_be_hex(b),
            base: Vec::new(),
        };
        let base = Point { x, y: Uint::from_be_hex(y) };
        curve.base = curve.odd_multiples(&base, 1 << (BASE_WIDTH - 2));
        curve
    }

    /// Bytes of a number, of a digest; half of a key or a signature.
    pub(crate) const fn bytes() -> usize {
        N * Limb::BYTES
    }

    /// Reads x ‖ y, each little-endian; none if that is no point of the curve.
    pub(crate) fn point(&self, bytes: &[u8]) -> Option<Point<N>> {
        let (x, y) = halves::<N>(bytes)?;
        let cubic = self.add(&self.mul(&x, &self.sub(&self.sqr(&x), &Uint::from_u8(3))), &self.b);
        let on_curve = x < *self.p.as_ref() && y < *self.p.as_ref() && self.sqr(&y) == cubic;
        on_curve.then_some(Point { x, y })
    }

    /// Whether `signature` (r ‖ s, each little-endian) is the key's over `digest` (a little-endian number).
    pub(crate) fn verify(&self, key: &Point<N>, digest: &[u8], signature: &[u8]) -> bool {
        let Some((r, s)) = halves::<N>(signature) else { return false };
        let order = self.q.as_ref();
        if digest.len() != Self::bytes() || [r, s].iter().any(|part| *part == Uint::ZERO || part >= order) {
            return false;
        }
        let inverse = self.exponent(digest).invert_odd_mod_vartime(&self.q);
        let Some(inverse) = inverse.into_option() else { return false };
        let q = self.q.as_nz_ref();
        let of_base = s.mul_mod_vartime(&inverse, q);
        let of_key = order.wrapping_sub(&r.mul_mod_vartime(&inverse, q));
        let sum = self.sum_of_multiples(&of_base, key, &of_key);
        // x mod q = r means x = r or x = r + q, since p < 2q. Compared as x = candidate · z², without an inversion.
        let z2 = self.sqr(&sum.z);
        let is_x = |candidate: &Uint<N>| self.mul(candidate, &z2) == sum.x;
        let above = r.wrapping_add(order);
        sum.z != Uint::ZERO && (is_x(&r) || (above > r && above < *self.p.as_ref() && is_x(&above)))
    }

    /// The e of the standard: the digest as a number modulo q, and 1 instead of 0.
    fn exponent(&self, digest: &[u8]) -> Uint<N> {
        let e = Uint::<N>::from_le_slice(digest).rem_vartime(self.q.as_nz_ref());
        if e == Uint::ZERO { Uint::ONE } else { e }
    }

    /// `of_base`·P + `of_key`·`key`.
    fn sum_of_multiples(&self, of_base: &Uint<N>, key: &Point<N>, of_key: &Uint<N>) -> Jacobian<N> {
        let keys = self.odd_multiples(key, 1 << (KEY_WIDTH - 2));
        let (base_digits, key_digits) = (digits(of_base, BASE_WIDTH), digits(of_key, KEY_WIDTH));
        let mut sum = Jacobian { x: Uint::ONE, y: Uint::ONE, z: Uint::ZERO };
        for at in (0..base_digits.len().max(key_digits.len())).rev() {
            sum = self.double(&sum);
            for (digits, table) in [(&base_digits, &self.base), (&key_digits, &keys)] {
                let digit = digits.get(at).copied().unwrap_or(0);
                if digit != 0 {
                    let entry = table[usize::from(digit.unsigned_abs()) / 2];
                    sum = self.add_point(&sum, &if digit < 0 { self.negative(&entry) } else { entry });
                }
            }
        }
        sum
    }

    /// 1, 3, 5 … times the point, `count` of them.
    fn odd_multiples(&self, point: &Point<N>, count: usize) -> Vec<Point<N>> {
        let twice = self.affine(&[self.double(&lift(point))])[0];
        let mut multiples = vec![lift(point)];
        while multiples.len() < count {
            let last = multiples[multiples.len() - 1];
            multiples.push(self.add_point(&last, &twice));
        }
        self.affine(&multiples)
    }

    /// All with one inversion (Montgomery's trick). None of them may be infinity.
    fn affine(&self, points: &[Jacobian<N>]) -> Vec<Point<N>> {
        let mut products = Vec::with_capacity(points.len());
        let mut product = Uint::ONE;
        for point in points {
            products.push(product);
            product = self.mul(&product, &point.z);
        }
        let mut inverse = product.invert_odd_mod_vartime(&self.p).into_option().unwrap_or(Uint::ZERO);
        let mut flat: Vec<_> = points
            .iter()
            .zip(products)
            .rev()
            .map(|(point, before)| {
                let z = self.mul(&inverse, &before);
                inverse = self.mul(&inverse, &point.z);
                let z2 = self.sqr(&z);
                Point { x: self.mul(&point.x, &z2), y: self.mul(&point.y, &self.mul(&z2, &z)) }
            })
            .collect();
        flat.reverse();
        flat
    }

    fn negative(&self, point: &Point<N>) -> Point<N> {
        Point { x: point.x, y: self.sub(&Uint::ZERO, &point.y) }
    }

    /// dbl-2001-b of the Explicit-Formulas Database: a = −3.
    fn double(&self, point: &Jacobian<N>) -> Jacobian<N> {
        let delta = self.sqr(&point.z);
        let gamma = self.sqr(&point.y);
        let beta = self.mul(&point.x, &gamma);
        let alpha = self.mul(&self.sub(&point.x, &delta), &self.add(&point.x, &delta));
        let alpha = self.add(&self.twice(&alpha), &alpha);
        let beta4 = self.twice(&self.twice(&beta));
        let x = self.sub(&self.sqr(&alpha), &self.twice(&beta4));
        let z = self.sub(&self.sub(&self.sqr(&self.add(&point.y, &point.z)), &gamma), &delta);
        let gamma8 = self.twice(&self.twice(&self.twice(&self.sqr(&gamma))));
        let y = self.sub(&self.mul(&alpha, &self.sub(&beta4, &x)), &gamma8);
        Jacobian { x, y, z }
    }

    /// madd-2007-bl of the Explicit-Formulas Database, and the cases it leaves out.
    fn add_point(&self, left: &Jacobian<N>, right: &Point<N>) -> Jacobian<N> {
        if left.z == Uint::ZERO {
            return lift(right);
        }
        let z2 = self.sqr(&left.z);
        let h = self.sub(&self.mul(&right.x, &z2), &left.x);
        let r = self.twice(&self.sub(&self.mul(&right.y, &self.mul(&z2, &left.z)), &left.y));
        if h == Uint::ZERO {
            let infinity = Jacobian { x: Uint::ONE, y: Uint::ONE, z: Uint::ZERO };
            return if r == Uint::ZERO { self.double(left) } else { infinity };
        }
        let h2 = self.sqr(&h);
        let i = self.twice(&self.twice(&h2));
        let j = self.mul(&h, &i);
        let v = self.mul(&left.x, &i);
        let x = self.sub(&self.sub(&self.sqr(&r), &j), &self.twice(&v));
        let y = self.sub(&self.mul(&r, &self.sub(&v, &x)), &self.twice(&self.mul(&left.y, &j)));
        let z = self.sub(&self.sub(&self.sqr(&self.add(&left.z, &h)), &z2), &h2);
        Jacobian { x, y, z }
    }

    fn mul(&self, left: &Uint<N>, right: &Uint<N>) -> Uint<N> {
        left.mul_mod_special(right, self.c)
    }

    fn sqr(&self, number: &Uint<N>) -> Uint<N> {
        self.mul(number, number)
    }

    fn add(&self, left: &Uint<N>, right: &Uint<N>) -> Uint<N> {
        left.add_mod_special(right, self.c)
    }

    fn twice(&self, number: &Uint<N>) -> Uint<N> {
        self.add(number, number)
    }

    fn sub(&self, left: &Uint<N>, right: &Uint<N>) -> Uint<N> {
        left.sub_mod_special(right, self.c)
    }
}

/// Signing, for the test authority alone.
#[cfg(feature = "testing")]
impl<const N: usize> Curve<N> {
    /// A private key out of any bytes: a number from 1 to q − 1.
    pub(crate) fn private(&self, seed: &[u8]) -> Uint<N> {
        self.exponent(seed)
    }

    /// x ‖ y of the public key, little-endian.
    pub(crate) fn public(&self, private: &Uint<N>) -> Vec<u8> {
        let point = self.multiple_of_base(private);
        [little_endian(&point.x), little_endian(&point.y)].concat()
    }

    /// r ‖ s, little-endian. `nonce` is any bytes; the same for two digests would give the key away.
    pub(crate) fn sign(&self, private: &Uint<N>, digest: &[u8], nonce: &[u8]) -> Vec<u8> {
        let q = self.q.as_nz_ref();
        let k = self.exponent(nonce);
        let r = self.multiple_of_base(&k).x.rem_vartime(q);
        let s = r.mul_mod_vartime(private, q).add_mod(&k.mul_mod_vartime(&self.exponent(digest), q), q);
        [little_endian(&r), little_endian(&s)].concat()
    }

    fn multiple_of_base(&self, scalar: &Uint<N>) -> Point<N> {
        self.affine(&[self.sum_of_multiples(scalar, &self.base[0], &Uint::ZERO)])[0]
    }
}

#[cfg(feature = "testing")]
fn little_endian<const N: usize>(number: &Uint<N>) -> Vec<u8> {
    number.as_words().iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn lift<const N: usize>(point: &Point<N>) -> Jacobian<N> {
    Jacobian { x: point.x, y: point.y, z: Uint::ONE }
}

/// Two little-endian numbers, one behind the other.
fn halves<const N: usize>(bytes: &[u8]) -> Option<(Uint<N>, Uint<N>)> {
    let (low, high) = bytes.split_at_checked(Curve::<N>::bytes())?;
    (high.len() == low.len()).then(|| (Uint::from_le_slice(low), Uint::from_le_slice(high)))
}

/// The width-w non-adjacent form, lowest digit first: zeros and odd digits between ±2^(w−1). The scalar is below q,
/// which is far enough below 2^(64·N) for the addition of a digit not to overflow.
fn digits<const N: usize>(scalar: &Uint<N>, width: u32) -> Vec<i16> {
    let (full, half) = (1_i16 << width, 1_i16 << (width - 1));
    let mut rest = *scalar;
    let mut digits = Vec::with_capacity(Curve::<N>::bytes() * 8 + 1);
    while rest != Uint::ZERO {
        let low = i16::from(u8::try_from(rest.as_words()[0] & 0xff).unwrap_or(0)) & (full - 1);
        let digit = match low {
            even if even % 2 == 0 => 0,
            large if large > half => large - full,
            small => small,
        };
        let size = Uint::from_u16(digit.unsigned_abs());
        rest = if digit < 0 { rest.wrapping_add(&size) } else { rest.wrapping_sub(&size) }.shr_vartime(1);
        digits.push(digit);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(vector: &serde_json::Value, key: &str) -> Vec<u8> {
        let hex = vector[key].as_str().unwrap();
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn signatures_taken_out_of_the_states_certificates_verify_and_others_do_not() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/nca/gost-vectors.json");
        let Ok(text) = std::fs::read_to_string(file) else {
            let required = std::env::var_os("NESIE_SHARED_REQUIRED").is_some_and(|value| value == "1");
            assert!(!required, "shared data is absent");
            return eprintln!("skipped: ../shared/data/nca is absent");
        };
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        for vector in file["vectors"].as_array().unwrap() {
            let digest = bytes(vector, "digest_bytes_hex");
            let (key, signature) = (bytes(vector, "pub_raw_hex"), bytes(vector, "sig_raw_hex"));
            match digest.len() {
                64 => check(&TC26_512_A, &key, &digest, &signature),
                _ => check(&CRYPTOPRO_A, &key, &digest, &signature),
            }
        }
    }

    fn check<const N: usize>(curve: &Curve<N>, key: &[u8], digest: &[u8], signature: &[u8]) {
        let point = curve.point(key).unwrap();
        assert!(curve.verify(&point, digest, signature));
        for at in 0..signature.len() {
            let mut changed = signature.to_vec();
            changed[at] ^= 1;
            assert!(!curve.verify(&point, digest, &changed), "byte {at}");
        }
        let order = little_endian(curve.q.as_ref());
        let (r, s) = signature.split_at(order.len());
        for outside in [[r, &order].concat(), [&order, s].concat(), [r, &vec![0; s.len()]].concat()] {
            assert!(!curve.verify(&point, digest, &outside), "r and s are from 1 to q - 1");
        }
        let mut beside = key.to_vec();
        beside[0] ^= 1;
        assert!(curve.point(&beside).is_none(), "no point of the curve");
    }

    /// The walk over digits agrees with adding one by one, through the point at infinity and back.
    #[test]
    fn multiples_of_the_base_are_what_addition_says() {
        let curve = &*CRYPTOPRO_A;
        let base = curve.base[0];
        let mut sum = lift(&base);
        for scalar in 2..200_u32 {
            sum = curve.add_point(&sum, &base);
            let by_digits = curve.sum_of_multiples(&Uint::from_u32(scalar), &base, &Uint::ZERO);
            let split = curve.sum_of_multiples(&Uint::from_u32(scalar - 1), &base, &Uint::ONE);
            let all = curve.affine(&[sum, by_digits, split]);
            assert!(all.iter().all(|point| *point == all[0]), "{scalar}");
        }
        let last = curve.q.as_ref().wrapping_sub(&Uint::ONE);
        let back = curve.affine(&[curve.sum_of_multiples(&last, &base, &Uint::ZERO)])[0];
        assert!(back == curve.negative(&base), "(q - 1) P = -P");
        assert!(curve.sum_of_multiples(&last, &base, &Uint::ONE).z == Uint::ZERO, "and one more is nothing");
    }

    /// A digest that is a multiple of q counts as one (the standard's step for e = 0).
    #[test]
    fn a_digest_of_zero_is_signed_like_one() {
        let curve = &*CRYPTOPRO_A;
        let private = curve.private(&[7; 32]);
        let point = curve.point(&curve.public(&private)).unwrap();
        let signature = curve.sign(&private, &[0; 32], &[9; 32]);
        let one = little_endian(&Uint::<4>::ONE);
        assert!(curve.verify(&point, &[0; 32], &signature) && curve.verify(&point, &one, &signature));
        assert!(curve.verify(&point, &little_endian(curve.q.as_ref()), &signature));
    }
}
