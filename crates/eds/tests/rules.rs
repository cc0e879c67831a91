//! What is refused, and why, with everything issued by the test authority.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use eds::{
    ANSWER_AGE_MAX, Evidence, Expected, Family, OcspAnswer, Reason, RevocationList, Rules, SignedMessage,
    Signer, TimeStamp, Trust, Verdict,
    testing::{Authority, Holder, Profile, Says, sign_together},
    verify,
};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use proptest::prelude::*;

const IIN: &str = "880101300123";
const BIN: &str = "070440003902";
const FAMILIES: [Family; 3] = [Family::Gost2015, Family::Gost2004, Family::Rsa];

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// An authority, its client, and good news of the client.
struct World {
    authority: Authority,
    client: Holder,
    trust: Trust,
    evidence: Evidence,
}

impl World {
    fn new(family: Family) -> Self {
        Self::with(family, &Profile::individual(IIN))
    }

    fn with(family: Family, profile: &Profile) -> Self {
        let authority = Authority::new(family, "ours", now());
        let client = authority.issue(profile, "client");
        let answers = vec![authority.answer(&client.certificate, Says::Good, now(), Some(b"nonce"))];
        Self {
            trust: authority.trust(),
            evidence: Evidence { answers, ..Evidence::default() },
            authority,
            client,
        }
    }

    fn signed(&self) -> Vec<u8> {
        self.client.sign(b"agreement", true, now(), None)
    }

    fn judge(&self, message: &[u8], content: Option<&[u8]>) -> Verdict {
        self.judge_by(message, content, &self.evidence, now())
    }

    fn judge_by(
        &self,
        message: &[u8],
        content: Option<&[u8]>,
        evidence: &Evidence,
        at: Timestamp,
    ) -> Verdict {
        let rules = Rules { at, trust: &self.trust, evidence, answer_age_max: ANSWER_AGE_MAX, nonce: None };
        verify(&SignedMessage::read(message).unwrap(), content, &rules)
    }

    /// The verdict on a signature of `now` with this evidence.
    fn with_evidence(&self, answers: Vec<OcspAnswer>, lists: Vec<RevocationList>) -> Result<(), Reason> {
        self.judge_by(&self.signed(), None, &Evidence { answers, lists, ..Evidence::default() }, now())
            .holds()
    }

    fn answer(&self, says: Says, at: Timestamp) -> Result<(), Reason> {
        self.with_evidence(vec![self.authority.answer(&self.client.certificate, says, at, None)], Vec::new())
    }
}

fn only(verdict: &Verdict) -> &Signer {
    assert_eq!(verdict.signers.len(), 1);
    &verdict.signers[0]
}

#[test]
fn a_client_signs_with_each_family_within_and_beside_stamped_or_not() {
    for family in FAMILIES {
        let world = World::new(family);
        for (attached, stamped) in [(true, true), (true, false), (false, true), (false, false)] {
            let stamper = stamped.then_some(&world.authority);
            let message = world.client.sign(b"agreement", attached, now(), stamper);
            let beside = (!attached).then_some(&b"agreement"[..]);
            let verdict = world.judge(&message, beside);
            let signer = verdict.signed_by(&Expected::Individual { iin: IIN }).unwrap();
            assert_eq!((signer.algorithm, signer.chain.len()), (family.name(), 3));
            assert_eq!(signer.time_stamp.is_some(), stamped);
        }
    }
}

#[test]
fn both_parties_sign_one_agreement_and_each_is_found() {
    let world = World::new(Family::Gost2015);
    let head = world.authority.issue(&Profile::head(BIN, "010203500008"), "head");
    let message = sign_together(&[&world.client, &head], b"agreement", true, now(), Some(&world.authority));
    let mut evidence = world.evidence.clone();
    assert_eq!(world.judge_by(&message, None, &evidence, now()).holds(), Err(Reason::RevocationMissing));
    evidence.answers.push(world.authority.answer(&head.certificate, Says::Good, now(), None));
    let verdict = world.judge_by(&message, None, &evidence, now());
    assert_eq!(verdict.signers.len(), 2);
    assert!(verdict.signed_by(&Expected::Individual { iin: IIN }).is_ok());
    assert!(verdict.signed_by(&Expected::Entity { bin: BIN, iin: None }).is_ok());
}

#[test]
fn a_signature_is_no_use_for_another_document_or_another_client() {
    let world = World::new(Family::Gost2015);
    let beside = world.client.sign(b"agreement", false, now(), None);
    let other = world.judge(&beside, Some(b"agreement of another sum"));
    assert_eq!(only(&other).reasons, [Reason::DigestDiffers]);
    assert_eq!(world.judge(&beside, None).holds(), Err(Reason::ContentMissing));
    assert_eq!(world.judge(&world.signed(), Some(b"other")).holds(), Err(Reason::ContentDiffers));
    let verdict = world.judge(&world.signed(), None);
    let stranger = Expected::Individual { iin: "010203500008" };
    assert_eq!(verdict.signed_by(&stranger).err(), Some(Reason::AnotherPerson));
}

#[test]
fn for_a_legal_entity_sign_its_head_and_whom_it_gave_the_right_and_nobody_else() {
    let entity = Expected::Entity { bin: BIN, iin: Some(IIN) };
    for (profile, outcome) in [
        (Profile::head(BIN, IIN), None),
        (Profile::with_right_to_sign(BIN, IIN), None),
        (Profile::employee(BIN, IIN), Some(Reason::RoleMissing)),
        (Profile::individual(IIN), Some(Reason::AnotherOrganization)),
        (Profile::head("190440019884", IIN), Some(Reason::AnotherOrganization)),
        (Profile::head(BIN, "010203500008"), Some(Reason::AnotherPerson)),
    ] {
        let world = World::with(Family::Gost2015, &profile);
        assert_eq!(world.judge(&world.signed(), None).signed_by(&entity).err(), outcome);
    }
    // An employee's key is no key of the person for their own loan.
    let world = World::with(Family::Gost2015, &Profile::employee(BIN, IIN));
    let own = world.judge(&world.signed(), None).signed_by(&Expected::Individual { iin: IIN }).err();
    assert_eq!(own, Some(Reason::RoleMissing));
}

#[test]
fn a_certificate_with_two_numbers_names_nobody() {
    let world = World::new(Family::Gost2015);
    let two = world.authority.issue_der(&Profile::individual(IIN).with_iin("010203500008"), "two");
    assert_eq!(eds::Certificate::from_der(&two).err(), Some(Reason::AmbiguousSubject));
}

#[test]
fn a_signer_trusted_by_hand_is_asked_for_revocation_all_the_same() {
    let mut world = World::new(Family::Gost2015);
    let (from, until) = world.client.certificate.validity();
    let list = [(world.client.certificate.fingerprint(), from, until)];
    world.trust = Trust::listed(vec![world.client.certificate.clone()], &list).unwrap();
    assert_eq!(world.judge(&world.signed(), None).holds(), Err(Reason::RevocationMissing));
}

#[test]
fn keys_that_are_not_for_documents_sign_none() {
    let mut without_non_repudiation = Profile::individual(IIN);
    without_non_repudiation.key_usage = 0x8000;
    let mut strange = Profile::individual(IIN);
    strange.strange = true;
    for (profile, reason) in [
        (Profile::for_signing_in(IIN), Reason::KeyUsage),
        (without_non_repudiation, Reason::KeyUsage),
        (strange, Reason::CriticalExtension),
    ] {
        let world = World::with(Family::Gost2015, &profile);
        assert_eq!(world.judge(&world.signed(), None).holds(), Err(reason));
    }
}

#[test]
fn a_foreign_authority_is_refused_even_under_the_same_name() {
    let ours = World::new(Family::Gost2015);
    let foreign = World::new(Family::Gost2004);
    // The same names, other keys: key identifiers tell them apart.
    assert_eq!(foreign.authority.root().subject(), ours.authority.root().subject());
    let verdict = ours.judge_by(&foreign.signed(), None, &foreign.evidence, now());
    assert_eq!(only(&verdict).reasons, [Reason::IssuerUnknown]);
    // The foreign root in our folder is no anchor where it is not listed.
    let (from, until) = ours.authority.root().validity();
    let list = [(ours.authority.root().fingerprint(), from, until)];
    let known = vec![foreign.authority.root().clone(), foreign.authority.issuing().clone()];
    let trust = Trust::listed(known, &list).unwrap();
    assert_eq!(trust.chain(&foreign.client.certificate, &[], now()).err(), Some(Reason::NotAnchored));
}

#[test]
fn a_client_cannot_issue_certificates() {
    let world = World::new(Family::Gost2015);
    let trust = Trust::chosen(vec![world.client.certificate.clone()]).unwrap();
    assert!(trust.anchors().is_empty());
}

#[test]
fn a_damaged_link_is_noticed_even_in_a_folder_where_every_authority_is_trusted() {
    let world = World::new(Family::Gost2015);
    let root = || world.authority.root().clone();
    let mut damaged = world.authority.issuing().der().to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let damaged = eds::Certificate::from_der(&damaged).unwrap();
    let chain = |certificates| {
        Trust::chosen(certificates)
            .unwrap()
            .chain(&world.client.certificate, &[], now())
            .map(|chain| chain.len())
    };
    assert_eq!(chain(vec![root(), world.authority.issuing().clone()]), Ok(3));
    assert_eq!(chain(vec![root(), damaged]), Err(Reason::CertificateSignature));
    assert_eq!(
        chain(vec![world.authority.issuing().clone()]),
        Ok(2),
        "trusted by hand, its root is not there"
    );
}

#[test]
fn anchors_are_trusted_for_their_time_and_certificates_for_theirs() {
    let world = World::new(Family::Gost2015);
    let at = |time: Timestamp| world.trust.chain(&world.client.certificate, &[], time).err();
    assert_eq!(at(now()), None);
    assert_eq!(at(now() - hours(48)), Some(Reason::AnchorOutOfDate));
    assert_eq!(at(now() + hours(365 * 24)), Some(Reason::Expired));
    let list = [(world.authority.root().fingerprint(), now() - hours(1), now())];
    let known = || vec![world.authority.root().clone(), world.authority.issuing().clone()];
    let short = Trust::listed(known(), &list).unwrap();
    assert!(short.chain(&world.client.certificate, &[], now()).is_ok());
    let after = short.chain(&world.client.certificate, &[], now() + 1.second());
    assert_eq!(after.err(), Some(Reason::AnchorOutOfDate));
}

#[test]
fn a_time_stamp_dates_the_signature_for_ever() {
    let world = World::new(Family::Gost2015);
    let message = world.client.sign(b"agreement", true, now(), Some(&world.authority));
    let years_later = now() + hours(5 * 365 * 24);
    let verdict = world.judge_by(&message, None, &world.evidence, years_later);
    assert_eq!((verdict.holds(), only(&verdict).time), (Ok(()), now()));
    // The same signature without the stamp is one of today, when the certificate is no more.
    let bare = world.judge_by(&world.signed(), None, &world.evidence, years_later);
    assert_eq!(only(&bare).reasons, [Reason::Expired, Reason::RevocationStale]);
    assert_eq!(only(&bare).claimed_time, Some(now()));
}

#[test]
fn a_time_stamp_that_does_not_hold_is_not_passed_over() {
    let world = World::new(Family::Gost2015);
    let early = world.judge_by(
        &world.client.sign(b"agreement", true, now(), Some(&world.authority)),
        None,
        &world.evidence,
        now() - hours(1),
    );
    assert!(only(&early).reasons.contains(&Reason::TimeStampInFuture));
    let foreign = Authority::new(Family::Rsa, "foreign", now());
    let message = world.client.sign(b"agreement", true, now(), Some(&foreign));
    assert_eq!(only(&world.judge(&message, None)).reasons, [Reason::TimeStampSigner]);
    let stamp = TimeStamp::from_response(&world.authority.time_stamp_response(b"this", now())).unwrap();
    assert_eq!((stamp.is_of(b"this"), stamp.is_of(b"that")), (Ok(()), Err(Reason::TimeStampImprint)));
    assert_eq!(
        TimeStamp::from_response(&[0x30, 5, 0x30, 3, 2, 1, 2]).err(),
        Some(Reason::TimeStampNotGranted),
        "a rejection"
    );
    // Somebody with an ordinary certificate makes no time-stamps.
    let stamp = TimeStamp::from_token(&world.client.time_stamp(b"this", now())).unwrap();
    assert_eq!(stamp.verify(&world.trust, now()).err(), Some(Reason::TimeStampUsage));
    assert_eq!(TimeStamp::from_token(&world.signed()).err(), Some(Reason::TimeStampForm));
}

#[test]
fn silence_about_revocation_and_old_news_are_refused() {
    let world = World::new(Family::Gost2015);
    assert_eq!(world.with_evidence(Vec::new(), Vec::new()), Err(Reason::RevocationMissing));
    assert_eq!(world.answer(Says::Good, now()), Ok(()));
    assert_eq!(world.answer(Says::Good, now() - 5.minutes()), Ok(()));
    assert_eq!(world.answer(Says::Good, now() - 301.seconds()), Err(Reason::RevocationStale));
    assert_eq!(world.answer(Says::Good, now() + hours(1)), Err(Reason::RevocationInFuture));
}

#[test]
fn revoked_on_hold_and_unknown_are_three_answers() {
    let world = World::new(Family::Gost2015);
    let before = now() - hours(1);
    assert_eq!(world.answer(Says::Revoked(before), now()), Err(Reason::Revoked));
    assert_eq!(world.answer(Says::OnHold(before), now()), Err(Reason::OnHold));
    assert_eq!(world.answer(Says::Unknown, now()), Err(Reason::CertificateUnknown));
    assert_eq!(world.answer(Says::NotKnown, now()), Err(Reason::CertificateUnknown));
    // A list of last month beside a good answer says nothing; one bad answer outweighs one good one.
    let old = world.authority.list(1, None, now() - hours(30 * 24), &[]);
    assert_eq!(world.with_evidence(world.evidence.answers.clone(), vec![old]), Ok(()));
    let answers = [Says::Good, Says::Revoked(before)];
    let answers = answers.map(|says| world.authority.answer(&world.client.certificate, says, now(), None));
    assert_eq!(world.with_evidence(answers.into(), Vec::new()), Err(Reason::Revoked));
}

#[test]
fn what_was_signed_before_the_revocation_stays_signed() {
    let world = World::new(Family::Gost2015);
    let message = world.client.sign(b"agreement", true, now(), Some(&world.authority));
    let later = now() + hours(24);
    let says = Says::Revoked(now() + hours(1));
    let answers = vec![world.authority.answer(&world.client.certificate, says, later, None)];
    let evidence = Evidence { answers, ..Evidence::default() };
    assert_eq!(world.judge_by(&message, None, &evidence, later).holds(), Ok(()));
    let bare = world.judge_by(&world.signed(), None, &evidence, later);
    assert_eq!(bare.holds(), Err(Reason::Revoked), "nothing proves that it was made before");
}

#[test]
fn an_answer_is_of_our_responder_to_our_question_about_this_certificate() {
    let world = World::new(Family::Gost2015);
    let judge = |answer: OcspAnswer, nonce: Option<&[u8]>| {
        let evidence = Evidence { answers: vec![answer], ..Evidence::default() };
        let rules = Rules {
            at: now(),
            trust: &world.trust,
            evidence: &evidence,
            answer_age_max: ANSWER_AGE_MAX,
            nonce,
        };
        verify(&SignedMessage::read(&world.signed()).unwrap(), None, &rules).holds()
    };
    let answer = |nonce| world.authority.answer(&world.client.certificate, Says::Good, now(), nonce);
    assert_eq!(judge(answer(Some(b"ours")), Some(b"ours")), Ok(()));
    assert_eq!(judge(answer(Some(b"other")), Some(b"ours")), Err(Reason::Nonce));
    assert_eq!(judge(answer(None), Some(b"ours")), Err(Reason::Nonce));
    let neighbour = world.authority.issue(&Profile::individual(IIN), "neighbour");
    let about_neighbour = world.authority.answer(&neighbour.certificate, Says::Good, now(), None);
    assert_eq!(judge(about_neighbour, None), Err(Reason::RevocationMissing));
    // Another authority says that ours is good.
    let foreign = Authority::new(Family::Gost2015, "foreign", now());
    let foreign = foreign.answer(&world.client.certificate, Says::Good, now(), None);
    assert_eq!(judge(foreign.clone(), None), Err(Reason::RevocationMissing));
    assert_eq!(foreign.verify(world.authority.issuing()).err(), Some(Reason::ResponderNotAuthorised));
    assert_eq!(OcspAnswer::read(&[0x30, 3, 0x0a, 1, 3]).err(), Some(Reason::ResponderRefused), "try later");
}

#[test]
fn a_list_speaks_until_its_end_and_its_delta_goes_before_it() {
    let world = World::new(Family::Gost2015);
    let (client, before) = (&world.client.certificate, now() - hours(2));
    let list = |number, base, age: i64, entries: &[(&eds::Certificate, Timestamp, u8)]| {
        world.authority.list(number, base, now() - hours(age), entries)
    };
    let lists = |lists| world.with_evidence(Vec::new(), lists);
    assert_eq!(lists(vec![list(1, None, 1, &[])]), Ok(()));
    assert_eq!(lists(vec![list(1, None, 24 * 8, &[])]), Err(Reason::RevocationStale));
    assert_eq!(lists(vec![list(1, None, -1, &[])]), Err(Reason::RevocationInFuture));
    assert_eq!(lists(vec![list(1, None, 1, &[(client, before, 0)])]), Err(Reason::Revoked));
    assert_eq!(lists(vec![list(1, None, 1, &[(client, before, 6)])]), Err(Reason::OnHold));
    let full = || list(5, None, 24, &[]);
    assert_eq!(lists(vec![full(), list(6, Some(5), 1, &[(client, before, 0)])]), Err(Reason::Revoked));
    let held = || list(5, None, 24, &[(client, now() - hours(30), 6)]);
    assert_eq!(
        lists(vec![held(), list(6, Some(5), 1, &[(client, before, 8)])]),
        Ok(()),
        "taken off the list"
    );
    assert_eq!(lists(vec![full(), list(8, Some(7), 1, &[])]), Err(Reason::DeltaBase));
    assert_eq!(lists(vec![list(6, Some(5), 1, &[])]), Err(Reason::DeltaBase), "no full list");
    let foreign = Authority::new(Family::Gost2015, "foreign", now());
    let of_others = foreign.list(1, None, now(), &[]);
    assert_eq!(lists(vec![of_others.clone()]), Err(Reason::RevocationMissing));
    assert_eq!(of_others.verify(world.authority.issuing()), Err(Reason::RevocationSignature));
}

#[test]
fn nothing_holds_under_an_authority_that_was_revoked() {
    let world = World::new(Family::Gost2015);
    let mut evidence = world.evidence.clone();
    evidence.lists.push(world.authority.list_against_issuing(now() - hours(1)));
    let verdict = world.judge_by(&world.signed(), None, &evidence, now());
    assert_eq!(verdict.holds(), Err(Reason::AuthorityRevoked));
    // Nor does its time-stamp date anything.
    let stamped = world.client.sign(b"agreement", true, now(), Some(&world.authority));
    let verdict = world.judge_by(&stamped, None, &evidence, now());
    assert_eq!((only(&verdict).time_stamp, verdict.holds()), (None, Err(Reason::AuthorityRevoked)));
}

#[test]
fn readers_stop_at_their_limits() {
    let big = vec![0x30; eds::limits::CERTIFICATE_BYTES_MAX + 1];
    assert_eq!(eds::Certificate::from_der(&big).err(), Some(Reason::TooLarge));
    assert_eq!(
        OcspAnswer::read(&vec![0x30; eds::limits::ANSWER_BYTES_MAX + 1]).err(),
        Some(Reason::TooLarge)
    );
    let world = World::new(Family::Gost2004);
    let many: Vec<&Holder> = vec![&world.client; eds::limits::SIGNERS_MAX + 1];
    let message = sign_together(&many, b"agreement", true, now(), None);
    assert_eq!(SignedMessage::read(&message).err(), Some(Reason::TooMany));
}

/// One of each, of the quickest family to verify.
fn specimens() -> &'static (World, Vec<Vec<u8>>) {
    static SPECIMENS: std::sync::OnceLock<(World, Vec<Vec<u8>>)> = std::sync::OnceLock::new();
    SPECIMENS.get_or_init(|| {
        let world = World::new(Family::Gost2004);
        let (authority, client) = (&world.authority, &world.client);
        let entries = [(&client.certificate, now(), 6)];
        let all = vec![
            client.sign(b"agreement", true, now(), Some(authority)),
            authority.answer_bytes(&client.certificate, Says::Good, now(), Some(b"nonce")),
            authority.list_bytes(1, None, now(), &entries),
            authority.time_stamp_response(b"agreement", now()),
            client.certificate.der().to_vec(),
        ];
        (world, all)
    })
}

/// Whether the bytes, as whatever they can be read as, are believed.
fn believed(bytes: &[u8]) -> bool {
    let (world, _) = specimens();
    let issuer = world.authority.issuing();
    SignedMessage::read(bytes).is_ok_and(|_| world.judge(bytes, None).holds().is_ok())
        || OcspAnswer::read(bytes).is_ok_and(|answer| answer.verify(issuer).is_ok())
        || RevocationList::read(bytes).is_ok_and(|list| list.verify(issuer).is_ok())
        || TimeStamp::from_response(bytes).is_ok_and(|stamp| stamp.verify(&world.trust, now()).is_ok())
        || eds::Certificate::read(bytes).is_ok_and(|certificate| certificate.is_issued_by(issuer))
}

#[test]
fn every_flipped_bit_of_everything_is_noticed() {
    for specimen in &specimens().1 {
        assert!(believed(specimen));
        let mut changed = specimen.clone();
        for at in 0..changed.len() {
            for bit in [1 << (at % 8), 0xff] {
                changed[at] ^= bit;
                assert!(!believed(&changed), "byte {at} of {}, {bit:#x}", specimen.len());
                changed[at] ^= bit;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn bytes_that_were_cut_doubled_or_overwritten_are_never_believed(
        which in 0..5_usize,
        at in any::<prop::sample::Index>(),
        length in 0..40_usize,
        bytes in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let specimen = &specimens().1[which];
        let from = at.index(specimen.len());
        let until = (from + length).min(specimen.len());
        let changed = [&specimen[..from], &bytes, &specimen[until..]].concat();
        prop_assert!(changed == *specimen || !believed(&changed));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!believed(&bytes));
    }
}

/// A phone signs without a stamp; the stamp asked for afterwards lies beside the message.
#[test]
fn a_time_stamp_beside_the_message_dates_it_and_one_of_another_signature_does_not() {
    for family in FAMILIES {
        let world = World::new(family);
        let message = world.signed();
        let read = SignedMessage::read(&message).unwrap();
        let (value, hash) = read.signatures().next().unwrap();
        let question = eds::time_stamp_question(value, hash, &[0x41; 8]);
        let stamp = |question: &[u8]| {
            TimeStamp::from_response(&world.authority.stamp_for(question, now()).unwrap()).unwrap()
        };
        let other = stamp(&eds::time_stamp_question(b"another signature", hash, &[0x41; 8]));
        let later = now() + hours(2 * 365 * 24);
        let with = |stamps| Evidence { stamps, ..world.evidence.clone() };
        let verdict = world.judge_by(&message, None, &with(vec![other, stamp(&question)]), later);
        assert_eq!((verdict.holds(), verdict.signers[0].time), (Ok(()), now()));
        let other = stamp(&eds::time_stamp_question(b"another signature", hash, &[0x41; 8]));
        let verdict = world.judge_by(&message, None, &with(vec![other]), later);
        assert_eq!(verdict.holds(), Err(Reason::Expired), "{family:?}");
    }
}
