//! Rosters as zip files: good ones in whatever folder, and hostile ones.

use std::fs;
use std::io::{Cursor, Write};

use firstbell_roster::{Rejected, RosterFault, Snapshot, read};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::files::{Files, faults, today, told};

/// The faults that the tests of this page provoke.
pub const PROVOKED: [RosterFault; 9] = [
    RosterFault::TooLarge,
    RosterFault::TooManyEntries,
    RosterFault::ArchiveBomb,
    RosterFault::ArchivePath,
    RosterFault::ArchiveEncrypted,
    RosterFault::ArchiveBroken,
    RosterFault::NotAFile,
    RosterFault::FileTwice,
    RosterFault::FileUnreadable,
];

type Writer = ZipWriter<Cursor<Vec<u8>>>;

/// A zip of the files in a folder of it, and of what is added.
fn zip(files: &Files, folder: &str, more: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in &files.0 {
        add(&mut writer, &format!("{folder}{name}"), bytes);
    }
    more(&mut writer);
    writer.finish().expect("a zip").into_inner()
}

fn add(writer: &mut Writer, name: &str, bytes: &[u8]) {
    writer.start_file(name, SimpleFileOptions::default()).expect("an entry");
    writer.write_all(bytes).expect("written");
}

fn read_zip(bytes: &[u8]) -> Result<Snapshot, Rejected> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("roster.zip");
    fs::write(&path, bytes).expect("written");
    let result = read(&path, today(), &mut |_| {});
    let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "nothing is unpacked to disk");
    result
}

/// Every place where `from` stands in the bytes, replaced by something as long.
fn forged(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> =
        (0..=bytes.len() - from.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// The headers of the entry of this name: local, then central. Positions of their signatures.
fn headers(bytes: &[u8], name: &str) -> [usize; 2] {
    let named = |signature: &[u8], name_at: usize| {
        (0..bytes.len())
            .find(|&at| {
                bytes[at..].starts_with(signature)
                    && bytes.get(at + name_at..).is_some_and(|b| b.starts_with(name.as_bytes()))
            })
            .expect("a header")
    };
    [named(b"PK\x03\x04", 30), named(b"PK\x01\x02", 46)]
}

#[test]
fn a_zip_is_read_like_the_folder_whatever_folder_is_in_it() {
    for folder in ["", "export/", "a/b/c/", "./"] {
        let bytes = zip(&Files::good(), folder, |writer| {
            add(writer, "__MACOSX/._students.csv", b"\0\x05\x16");
            add(writer, "export/.DS_Store", b"\0");
            add(writer, "export/read me.pdf", b"%PDF");
            writer.add_directory("empty", SimpleFileOptions::default()).expect("a folder");
        });
        let snapshot = read_zip(&bytes).unwrap_or_else(|rejected| panic!("{folder}: {rejected}"));
        assert_eq!((snapshot.people(), snapshot.warnings.total()), (6, 0));
    }
}

#[test]
fn two_files_of_one_name_in_two_folders_are_refused() {
    let bytes = zip(&Files::good(), "", |writer| add(writer, "old/Students.csv", b"x"));
    assert_eq!(told(&read_zip(&bytes).expect_err("twice").refusals), ["R103 students.csv"]);
}

#[test]
fn a_bomb_that_says_so_is_refused_before_it_is_lit() {
    let flat = "1,11\n".repeat(4 << 20);
    let files = Files::good().with("students.csv", flat);
    let rejected = read_zip(&zip(&files, "", |_| {})).expect_err("a bomb");
    assert_eq!(faults(&rejected.refusals), [RosterFault::ArchiveBomb]);
}

#[test]
fn a_bomb_that_lies_about_its_size_is_refused_while_it_unpacks() {
    let flat = format!("School_id,School_name,School_number\n{}", "\n".repeat(20 << 20));
    let size = u32::try_from(flat.len()).expect("20 MiB").to_le_bytes();
    let bytes = zip(&Files::good().with("schools.csv", flat), "", |_| {});
    let [local, central] = headers(&bytes, "schools.csv");
    let mut forged = bytes.clone();
    for at in [local + 22, central + 24] {
        assert_eq!(bytes[at..at + 4], size);
        forged[at..at + 4].copy_from_slice(&90_000u32.to_le_bytes());
    }
    let rejected = read_zip(&forged).expect_err("a bomb");
    // The zip crate notices the lie; were it to believe it, the bound of our own would not.
    assert_eq!(faults(&rejected.refusals), [RosterFault::FileUnreadable], "{rejected}");
    assert!(rejected.to_string().contains("larger than its declared"), "{rejected}");
}

#[test]
fn ten_thousand_entries_are_refused() {
    let many = |count: usize| {
        zip(&Files::good(), "", |writer| {
            for nth in 0..count {
                add(writer, &format!("{nth}.txt"), b"");
            }
        })
    };
    for count in [10_000, 90_000] {
        let rejected = read_zip(&many(count)).expect_err("too many");
        assert_eq!(faults(&rejected.refusals), [RosterFault::TooManyEntries], "{rejected}");
    }
    assert!(read_zip(&many(100)).is_ok());
}

#[test]
fn entries_that_lead_out_of_the_archive_are_refused() {
    for path in
        ["../students.cs", "/tmp/students.", "a/../../b.csv.", "C:\\windows\\x.", "..\\students.cs"]
    {
        let plain = "z".repeat(path.len());
        let bytes = zip(&Files::good(), "", |writer| add(writer, &plain, b"x"));
        let bytes = forged(bytes, plain.as_bytes(), path.as_bytes());
        let rejected = read_zip(&bytes).expect_err("an escape");
        assert_eq!(faults(&rejected.refusals), [RosterFault::ArchivePath], "{path}: {rejected}");
    }
}

#[test]
fn links_and_encrypted_entries_are_refused() {
    let link = zip(&Files::good().without("staff.csv"), "", |writer| {
        let options = SimpleFileOptions::default();
        writer.add_symlink("staff.csv", "/etc/passwd", options).expect("a link");
    });
    let rejected = read_zip(&link).expect_err("a link");
    assert_eq!(told(&rejected.refusals), ["R113 staff.csv"]);

    let mut locked = zip(&Files::good(), "", |_| {});
    let [local, central] = headers(&locked, "staff.csv");
    locked[local + 6] |= 1;
    locked[central + 8] |= 1;
    let rejected = read_zip(&locked).expect_err("encrypted");
    assert_eq!(told(&rejected.refusals), ["R111 staff.csv"]);
}

#[test]
fn a_zip_that_was_cut_off_or_is_none_is_refused() {
    let whole = zip(&Files::good(), "", |_| {});
    for bytes in
        [&whole[..whole.len() / 2], &whole[..whole.len() - 10], b"", b"not a zip", b"PK\x05\x06"]
    {
        let rejected = read_zip(bytes).expect_err("damaged");
        assert_eq!(faults(&rejected.refusals), [RosterFault::ArchiveBroken], "{rejected}");
    }
}

#[test]
fn a_wrong_checksum_is_refused() {
    let mut bytes = zip(&Files::good(), "", |_| {});
    for (at, offset) in headers(&bytes, "students.csv").into_iter().zip([14, 16]) {
        bytes[at + offset] ^= 0xff;
    }
    let rejected = read_zip(&bytes).expect_err("damaged");
    assert_eq!(faults(&rejected.refusals), [RosterFault::FileUnreadable], "{rejected}");
}

#[test]
fn more_than_two_gibibytes_are_refused_unread() {
    let folder = tempfile::tempdir().expect("a folder");
    Files::good().write(folder.path());
    let file = fs::File::create(folder.path().join("students.csv")).expect("a file");
    file.set_len(3 << 30).expect("a sparse file");
    let rejected = read(folder.path(), today(), &mut |_| {}).expect_err("too large");
    assert_eq!(faults(&rejected.refusals), [RosterFault::TooLarge]);
}

#[test]
fn any_cut_of_a_good_zip_is_refused_and_never_half_a_roster() {
    let whole = zip(&Files::good(), "", |_| {});
    for length in (0..whole.len()).step_by(7) {
        assert!(read_zip(&whole[..length]).is_err(), "{length} bytes");
    }
}
