use super::*;
use proptest::prelude::*;

type Cells = Vec<Vec<String>>;

fn read(text: &[u8]) -> (Vec<u64>, Cells, Option<Stopped>) {
    let mut lines = Vec::new();
    let mut cells = Cells::new();
    let mut row = Row::default();
    let mut rows = match Rows::open(text) {
        Ok(rows) => rows,
        Err(stopped) => return (lines, cells, Some(stopped)),
    };
    loop {
        match rows.next(&mut row) {
            Ok(true) => {
                lines.push(row.line);
                cells.push(
                    row.cells().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect(),
                );
            }
            Ok(false) => return (lines, cells, None),
            Err(stopped) => return (lines, cells, Some(stopped)),
        }
    }
}

#[test]
fn rows_end_in_lf_crlf_cr_or_with_the_file() {
    for text in ["a,b\nc,d\n", "a,b\r\nc,d", "a,b\rc,d\r", "\u{feff}a,b\n\n\r\n\rc,d\n\n"] {
        let (_, cells, stopped) = read(text.as_bytes());
        assert!(stopped.is_none());
        assert_eq!(cells, [["a", "b"], ["c", "d"]], "{text:?}");
    }
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let (lines, cells, _) = read(b"h\n\n\"two\r\nlines\"\r\n\rlast");
    assert_eq!(lines, [1, 3, 6]);
    assert_eq!(cells[1], ["two\r\nlines"]);
}

#[test]
fn quotes_hold_commas_quotes_and_line_ends() {
    let (_, cells, _) = read(b"\"a,b\",\"say \"\"hi\"\"\",\"\",\"x\" ,5\" pipe\n");
    assert_eq!(cells, [["a,b", "say \"hi\"", "", "x ", "5\" pipe"]]);
}

#[test]
fn an_unclosed_quote_names_the_line_where_it_opened() {
    let (_, _, stopped) = read(b"a,b\n1,2\n3,\"oh\n4,5\n6,7\n");
    let stopped = stopped.expect("the quote is open");
    assert_eq!((stopped.fault, stopped.line), (RosterFault::QuoteNeverClosed, 3));
}

#[test]
fn text_after_a_closing_quote_and_nul_bytes_are_flaws_of_the_row() {
    for (text, flaw) in [
        ("\"a\"b,c\n", Some(RosterFault::QuoteMisplaced)),
        ("a\0b,c\n", Some(RosterFault::NulByte)),
        ("\"a\0b\",c\n", Some(RosterFault::NulByte)),
        ("\"a\" ,c\n", None),
    ] {
        let mut row = Row::default();
        let mut rows = Rows::open(text.as_bytes()).expect("text");
        assert!(rows.next(&mut row).expect("a row"));
        assert_eq!(row.flaw, flaw, "{text:?}");
    }
}

#[test]
fn what_is_no_utf8_text_is_known_by_its_first_bytes() {
    for (bytes, fault) in [
        (b"\xff\xfeS\0c\0".as_slice(), RosterFault::Utf16),
        (b"\xfe\xff\0S\0c", RosterFault::Utf16),
        (b"S\0c\0h\0o\0", RosterFault::Utf16),
        (b"PK\x03\x04....", RosterFault::NotCsv),
        (b"%PDF-1.7", RosterFault::NotCsv),
        (b" \n<!DOCTYPE html>", RosterFault::NotCsv),
    ] {
        assert_eq!(read(bytes).2.expect("refused").fault, fault);
    }
}

/// Bytes without end, counted.
struct Endless<'a> {
    first: &'a [u8],
    given: u64,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        buffer.fill(b'x');
        let count = self.first.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.first[..count]);
        self.first = &self.first[count..];
        self.given += buffer.len() as u64;
        Ok(buffer.len())
    }
}

#[test]
fn a_row_without_end_is_refused_after_little_more_than_a_mebibyte() {
    for (first, fault, line) in [
        ("a,b\n1,", RosterFault::LineTooLong, 2),
        ("a,b\n1,2\n\n3,\"", RosterFault::QuoteNeverClosed, 4),
    ] {
        let mut source = Endless { first: first.as_bytes(), given: 0 };
        let mut row = Row::default();
        let mut rows = Rows::open(&mut source).expect("text");
        let stopped = loop {
            match rows.next(&mut row) {
                Ok(more) => assert!(more),
                Err(stopped) => break stopped,
            }
        };
        assert_eq!((stopped.fault, stopped.line), (fault, line));
        assert!(row.bytes.capacity() < 3 << 20, "{} bytes held", row.bytes.capacity());
        assert!(source.given < 3 << 20, "{} bytes read", source.given);
    }
}

#[test]
fn reading_that_fails_half_way_is_not_the_end_of_the_file() {
    struct Failing(u8);
    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 += 1;
            match self.0 {
                1 => Err(ErrorKind::Interrupted.into()),
                2..6 => {
                    buffer[..8].copy_from_slice(b"abc,def\n");
                    Ok(8)
                }
                _ => Err(std::io::Error::other("unplugged")),
            }
        }
    }
    let mut row = Row::default();
    let mut rows = Rows::open(Failing(0)).expect("text");
    for _ in 0..4 {
        assert!(rows.next(&mut row).expect("a row"));
    }
    let stopped = rows.next(&mut row).expect_err("unplugged");
    assert_eq!(stopped.fault, RosterFault::FileUnreadable);
    assert!(stopped.cause.is_some());
}

/// What the `csv` crate makes of the text.
fn reference(text: &[u8]) -> Cells {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    reader
        .byte_records()
        .map(|record| {
            let record = record.expect("bytes always read");
            record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
        })
        .collect()
}

proptest! {
    #[test]
    fn what_both_accept_both_read_alike(text in "[ab,\"\r\n ]{0,60}") {
        let mut row = Row::default();
        let mut rows = Rows::open(text.as_bytes()).map_err(|_| TestCaseError::reject("foreign"))?;
        let mut flawed = false;
        let stopped = loop {
            match rows.next(&mut row) {
                Ok(true) => flawed |= row.flaw.is_some(),
                Ok(false) => break false,
                Err(_) => break true,
            }
        };
        prop_assume!(!flawed && !stopped);
        prop_assert_eq!(read(text.as_bytes()).1, reference(text.as_bytes()));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (lines, cells, _) = read(&bytes);
        prop_assert!(lines.is_sorted() && lines.len() == cells.len());
    }
}
