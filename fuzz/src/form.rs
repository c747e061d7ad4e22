//! A second reading of `application/x-www-form-urlencoded` (WHATWG URL section 5.1), by hand.

/// Names and values in their order, as bytes.
pub fn pairs(text: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(equals);
        (decoded(name), decoded(value.strip_prefix(b"=").unwrap_or(value)))
    })
}

/// The values of this name.
pub fn values(text: &[u8], name: &str) -> Vec<Vec<u8>> {
    pairs(text).filter(|pair| pair.0 == name.as_bytes()).map(|pair| pair.1).collect()
}

/// What stands behind the escapes.
pub fn decoded(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        let (byte, rest_after) = match escaped {
            Some((high, low)) => (high << 4 | low, &after[2..]),
            None if *first == b'+' => (b' ', after),
            None => (*first, after),
        };
        bytes.push(byte);
        rest = rest_after;
    }
    bytes
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
