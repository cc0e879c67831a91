//! Trust anchors, pinned and dated, and the chains that lead to them.

use jiff::Timestamp;

use crate::{Certificate, Fingerprint, Reason, limits};

/// A certificate that is trusted because it is named here, from one instant to another.
#[derive(Clone, Copy, Debug)]
pub struct Pin {
    /// SHA-256 of the certificate.
    pub fingerprint: Fingerprint,
    /// What people call it.
    pub name: &'static str,
    /// The first instant of trust, in seconds since 1970.
    pub from_second: i64,
    /// The last instant of trust, in seconds since 1970.
    pub until_second: i64,
}

/// The root certificates of the state, as published by the National Certification Authority. The oldest two have ended;
/// they remain for what was signed under them.
pub const NATIONAL: [Pin; 5] = [
    national(
        "af77725f8328bb24f89d81da3acdf7cee4324248538b7ba2cd2a860517fb9dca",
        "GOST root 2022",
        1_655_268_972,
        2_388_459_372,
    ),
    national(
        "c48164ab5ccaaee6b938299a1e3aeebd6f698bb2bd716a0f0d85befc46166aa2",
        "GOST root 2020",
        1_599_558_876,
        2_388_477_276,
    ),
    national(
        "9ba06354b626641715182e4d07c9dbaa1777720fa795d03174ffc68876535dcd",
        "RSA root 2020",
        1_599_559_494,
        2_388_477_894,
    ),
    national(
        "9ab210e54e6b0343321131202d9edcc2598f598cfdd9ee4ec1056021ab2e9759",
        "GOST root 2015",
        1_437_974_449,
        1_753_593_649,
    ),
    national(
        "a7064abc5699827f370c67b09f1a1bfd7ad5e1514d471223df209c08300ea972",
        "RSA root 2015",
        1_437_974_573,
        1_753_593_773,
    ),
];

const fn national(hex: &str, name: &'static str, from_second: i64, until_second: i64) -> Pin {
    let mut bytes = [0; 32];
    let digits = hex.as_bytes();
    assert!(digits.len() == 64, "SHA-256 in hexadecimal");
    let mut at = 0;
    while at < 32 {
        bytes[at] = digit(digits[2 * at]) << 4 | digit(digits[2 * at + 1]);
        at += 1;
    }
    Pin { fingerprint: Fingerprint(bytes), name, from_second, until_second }
}

const fn digit(character: u8) -> u8 {
    match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'f' => character - b'a' + 10,
        _ => panic!("lower-case hexadecimal"),
    }
}

/// A trusted certificate and the time of trust in it.
#[derive(Clone)]
pub struct Anchor {
    /// The certificate.
    pub certificate: Certificate,
    /// The first instant.
    pub from: Timestamp,
    /// The last instant.
    pub until: Timestamp,
}

/// What is trusted, and the issuers known beside.
#[derive(Clone, Default)]
pub struct Trust {
    anchors: Vec<Anchor>,
    issuers: Vec<Certificate>,
}

impl Trust {
    /// Anchors are those of the certificates that are pinned, as long as the pin says; the rest may be links of a
    /// chain and no more.
    ///
    /// # Errors
    /// [`Reason::TooMany`].
    pub fn pinned(certificates: Vec<Certificate>, pins: &[Pin]) -> Result<Self, Reason> {
        Self::sorted(certificates, |certificate| {
            let fingerprint = certificate.fingerprint();
            let pin = pins.iter().find(|pin| pin.fingerprint == fingerprint)?;
            let second = |second| Timestamp::from_second(second).ok();
            Some((second(pin.from_second)?, second(pin.until_second)?))
        })
    }

    /// Every certificate of an authority is an anchor for its own validity: for somebody who chose them by hand.
    ///
    /// # Errors
    /// [`Reason::TooMany`]; [`Reason::CertificateSignature`] where one is signed by itself and its signature is
    /// wrong.
    pub fn chosen(certificates: Vec<Certificate>) -> Result<Self, Reason> {
        if certificates.iter().any(|root| root.is_self_issued() && !root.is_issued_by(root)) {
            return Err(Reason::CertificateSignature);
        }
        Self::sorted(certificates, |certificate| certificate.is_authority().then(|| certificate.validity()))
    }

    /// Like [`Trust::chosen`], with the anchors and their times named.
    ///
    /// # Errors
    /// [`Reason::TooMany`].
    pub fn listed(
        certificates: Vec<Certificate>,
        list: &[(Fingerprint, Timestamp, Timestamp)],
    ) -> Result<Self, Reason> {
        Self::sorted(certificates, |certificate| {
            let fingerprint = certificate.fingerprint();
            list.iter().find(|(listed, ..)| *listed == fingerprint).map(|(_, from, until)| (*from, *until))
        })
    }

    fn sorted(
        certificates: Vec<Certificate>,
        trusted: impl Fn(&Certificate) -> Option<(Timestamp, Timestamp)>,
    ) -> Result<Self, Reason> {
        if certificates.len() > limits::TRUSTED_MAX {
            return Err(Reason::TooMany);
        }
        let mut trust = Self::default();
        for certificate in certificates {
            match trusted(&certificate) {
                Some((from, until)) => trust.anchors.push(Anchor { certificate, from, until }),
                None => trust.issuers.push(certificate),
            }
        }
        Ok(trust)
    }

    /// What is trusted.
    #[must_use]
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// The chain from the certificate to an anchor, both included, checked for the instant `at`: signatures, names and
    /// key identifiers, validity, authority, path lengths. `bag` are certificates that came along.
    ///
    /// # Errors
    /// The first [`Reason`] found.
    pub fn chain<'a>(
        &'a self,
        certificate: &'a Certificate,
        bag: &'a [Certificate],
        at: Timestamp,
    ) -> Result<Vec<&'a Certificate>, Reason> {
        let chain = self.path(certificate, bag, at)?;
        check_links(&chain, at)?;
        Ok(chain)
    }

    /// The certificates of a bag must lead to an anchor of any time, even those that no chain needed: `used` ones do.
    ///
    /// # Errors
    /// [`Reason::StrayCertificate`].
    pub(crate) fn strays(
        &self,
        bag: &[Certificate],
        used: &[&Certificate],
        at: Timestamp,
    ) -> Result<(), Reason> {
        let is_used = |stray: &Certificate| used.iter().any(|link| link.der() == stray.der());
        let leads = |stray: &Certificate| {
            self.anchor(stray).is_some()
                || matches!(self.path(stray, bag, at), Ok(_) | Err(Reason::AnchorOutOfDate))
        };
        if bag.iter().all(|certificate| is_used(certificate) || leads(certificate)) {
            Ok(())
        } else {
            Err(Reason::StrayCertificate)
        }
    }

    /// The chain by names, key identifiers and signatures alone: as far up as it leads, cut at the highest anchor met.
    pub(crate) fn path<'a>(
        &'a self,
        certificate: &'a Certificate,
        bag: &'a [Certificate],
        at: Timestamp,
    ) -> Result<Vec<&'a Certificate>, Reason> {
        let mut chain = vec![certificate];
        let mut anchored = Err(Reason::NotAnchored);
        let mut tries = 0;
        loop {
            let last = chain[chain.len() - 1];
            match self.anchor(last) {
                Some(anchor) if (anchor.from..=anchor.until).contains(&at) => anchored = Ok(chain.len()),
                Some(_) => anchored = anchored.or(Err(Reason::AnchorOutOfDate)),
                None => {}
            }
            if last.is_self_issued() {
                break;
            }
            if chain.len() == limits::CHAIN_MAX {
                anchored = anchored.or(Err(Reason::ChainTooLong));
                break;
            }
            match self.issuer(last, bag, at, &mut tries) {
                Ok(issuer) => chain.push(issuer),
                // Damage is not passed over because somebody trusts the damaged one too.
                Err(Reason::CertificateSignature) if last.names_key_of_issuer() => {
                    return Err(Reason::CertificateSignature);
                }
                Err(reason) => {
                    anchored = anchored.map_err(|known| match known {
                        Reason::AnchorOutOfDate => known,
                        _ => reason,
                    });
                    break;
                }
            }
        }
        chain.truncate(anchored?);
        Ok(chain)
    }

    fn anchor(&self, certificate: &Certificate) -> Option<&Anchor> {
        self.anchors.iter().find(|anchor| anchor.certificate.der() == certificate.der())
    }

    /// Who signed it: anchors are asked first, then known issuers, then what came along; of several certificates of
    /// one key that which was valid.
    fn issuer<'a>(
        &'a self,
        certificate: &'a Certificate,
        bag: &'a [Certificate],
        at: Timestamp,
        tries: &mut usize,
    ) -> Result<&'a Certificate, Reason> {
        let anchors = self.anchors.iter().map(|anchor| &anchor.certificate);
        let mut candidates: Vec<_> = anchors
            .chain(&self.issuers)
            .chain(bag)
            .filter(|candidate| certificate.names_as_issuer(candidate))
            .collect();
        candidates.sort_by_key(|candidate| candidate.check_at(at).is_err());
        let named = !candidates.is_empty();
        for candidate in candidates {
            *tries += 1;
            if *tries > limits::CHAIN_TRIES_MAX {
                return Err(Reason::TooMany);
            }
            if certificate.is_issued_by(candidate) {
                return Ok(candidate);
            }
        }
        Err(if named { Reason::CertificateSignature } else { Reason::IssuerUnknown })
    }
}

/// Each link was valid at the time, and each but the first an authority with room for those beneath it.
pub(crate) fn check_links(chain: &[&Certificate], at: Timestamp) -> Result<(), Reason> {
    for (below, link) in chain.iter().enumerate() {
        link.check_at(at)?;
        if below > 0 {
            link.check_authority(below - 1)?;
        }
    }
    Ok(())
}
