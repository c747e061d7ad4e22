use super::*;

/// A record of any length.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Text(String);

impl Record for Text {
    fn write(&self, to: &mut Vec<u8>) {
        put_text(to, &self.0);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        from.text().map(|text| Self(text.to_owned()))
    }
}

fn text(number: usize) -> Text {
    Text(format!("{number} {}", "ñ".repeat(number * 37 % 3_000)))
}

fn at(position: usize) -> Index {
    Index::of(position).expect("a position")
}

#[test]
fn records_read_back_from_anywhere_in_any_order() {
    let mut list = Spilled::default();
    for number in 0..500 {
        assert_eq!(list.push(text(number)), at(number));
        assert_eq!(list.get(at(number / 2)), Some(text(number / 2)));
    }
    for number in (0..500).chain((0..500).rev()).chain((0..500).map(|n| n * 211 % 500)) {
        assert_eq!(list.get(at(number)), Some(text(number)), "{number}");
    }
    assert!(list.spill.file.is_some(), "it was too much for the buffers");
    assert_eq!(list.get(at(500)), None);
    list.check().expect("nothing went wrong");
}

#[test]
fn a_record_that_changes_is_found_as_it_is_now() {
    let mut list = Spilled::default();
    for number in 0..300 {
        list.push(text(number));
    }
    for number in (0..300).rev() {
        list.get_mut(at(number)).expect("a record").0.push('!');
    }
    let end = list.spill.end();
    for number in 0..300 {
        // To look is not to change.
        assert_eq!(list.get_mut(at(number)).expect("a record").0, text(number).0 + "!");
    }
    list.cool();
    assert_eq!(
        list.spill.end(),
        end + PREFIX as u64
            + list.get(at(0)).map_or(0, |it| {
                let mut bytes = Vec::new();
                it.write(&mut bytes);
                bytes.len() as u64
            })
    );
}

#[test]
fn a_sequence_is_read_from_first_to_last_as_often_as_wanted() {
    let mut sequence = Sequence::default();
    (0..400).for_each(|number| sequence.push(&text(number)));
    for _ in 0..2 {
        for number in 0..400 {
            assert_eq!(sequence.next().expect("a record"), Some(text(number)));
        }
        assert_eq!(sequence.next().expect("an end"), None);
        sequence.rewind();
    }
}

#[test]
fn keys_come_in_order_and_equal_ones_as_they_came() {
    let mut sorter = Sorter::default();
    let mut expected = Vec::new();
    let mut state = 1u64;
    for number in 0..60_000u32 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
        let key = format!("{:05}{}", (state >> 33) % 20_000, "x".repeat(200)).into_bytes();
        sorter.push(&key, &number.to_be_bytes());
        expected.push((key, number.to_be_bytes().to_vec()));
    }
    expected.sort();
    let keys = sorter.finish().expect("written");
    assert!(keys.runs.len() > 1, "it was more than a bufferful");
    for _ in 0..2 {
        let mut reader = keys.reader().expect("a reader");
        for pair in &expected {
            assert_eq!(reader.next().expect("a key").as_ref(), Some(pair));
        }
        assert_eq!(reader.next().expect("an end"), None);
    }
}

#[test]
fn keys_that_come_in_order_are_one_run() {
    let mut sorter = Sorter::default();
    for number in 0..50_000u32 {
        sorter.push(format!("{number:0200}").as_bytes(), &[]);
    }
    assert_eq!(sorter.finish().expect("written").runs.len(), 1);
}
