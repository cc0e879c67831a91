use bundle::{
    Reason,
    archive::{Member, read, write},
};
use proptest::prelude::*;

use crate::made::Made;

fn reason(file: &[u8]) -> Option<Reason> {
    read(file).err().map(|failure| failure.reason)
}

/// Proves [`lending::law::CL_11`]: whatever single byte is changed, cut off or added, it is noticed.
#[test]
fn a_changed_byte_anywhere_in_the_file_is_noticed() {
    let file = Made::new().small();
    assert!(bundle::read(&file).is_ok());
    for place in 0..file.len() {
        let mut spoilt = file.clone();
        spoilt[place] ^= 1 << (place % 8);
        assert!(bundle::read(&spoilt).is_err(), "byte {place}");
    }
    for length in (0..file.len()).step_by(61) {
        assert!(bundle::read(&file[..length]).is_err(), "cut to {length}");
    }
    for added in [&b"\0"[..], &[0; 512], &[0; 1024], b"x"] {
        assert!(bundle::read(&[&file, added].concat()).is_err());
    }
}

#[test]
fn the_archive_is_one_that_every_tar_reads() {
    let file = Made::new().file();
    let folder = std::env::temp_dir().join(format!("nesie-bundle-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("bundle.tar"), &file).unwrap();
    let done = |program: &str, args: &[&str]| {
        let done = std::process::Command::new(program).args(args).current_dir(&folder).output().unwrap();
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    };
    done("tar", &["--extract", "--file", "bundle.tar"]);
    done("sha256sum", &["--check", "--strict", "--status", "SHA256SUMS"]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_name_that_leads_out_of_the_archive_is_refused() {
    for name in ["../x", "/etc/passwd", "a/../../b", "a//b", "", ".", "a/.hidden", "a\\b", "ә", "a b", "a/"]
    {
        assert!(write(&[Member { name, bytes: b"" }]).is_err(), "{name:?}");
        let mut file = write(&[Member { name: "aaaaaaaaaaaaa", bytes: b"" }]).unwrap();
        file[..100].fill(0);
        file[..name.len()].copy_from_slice(name.as_bytes());
        let found = reason(&file);
        assert!(name.is_empty() && found.is_some() || found == Some(Reason::Name), "{name:?}: {found:?}");
    }
}

#[test]
fn two_members_of_one_name_are_refused_by_who_writes_and_who_reads() {
    let one = Member { name: "a", bytes: b"1" };
    assert_eq!(write(&[one, one]).unwrap_err().reason, Reason::MemberTwice);
    let half = write(&[one]).unwrap();
    let twice = [&half[..1024], &half].concat();
    assert_eq!(reason(&twice), Some(Reason::MemberTwice));
}

#[test]
fn a_size_that_the_file_does_not_have_costs_nothing() {
    let file = write(&[Member { name: "a", bytes: b"1" }]).unwrap();
    for size in ["77777777777", "00000001001", "00000000000", "0000000000 ", "-0000000001"] {
        let mut lies = file.clone();
        lies[124..135].copy_from_slice(size.as_bytes());
        let sum: u32 = lies[..512]
            .iter()
            .enumerate()
            .map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) })
            .sum();
        lies[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert!(reason(&lies).is_some(), "{size}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered_and_what_is_read_was_written_so(file in prop::collection::vec(any::<u8>(), 0..4096)) {
        if let Ok(members) = read(&file) {
            prop_assert_eq!(write(&members).unwrap(), file);
        }
        prop_assert!(!bundle::verify(&[0; 0], None).valid);
    }

    #[test]
    fn an_archive_spoilt_anywhere_is_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..1500),
        place in any::<prop::sample::Index>(),
        value in any::<u8>(),
    ) {
        let file = write(&[Member { name: "a/b.pdf", bytes: &bytes }, Member { name: "c", bytes: b"" }]).unwrap();
        let mut spoilt = file.clone();
        let place = place.index(file.len());
        spoilt[place] = value;
        match read(&spoilt) {
            Ok(members) => prop_assert_eq!(write(&members).unwrap(), spoilt),
            Err(_) => prop_assert_ne!(spoilt, file),
        }
    }
}
