//! C-24: what our parser takes, other parsers read alike: RFC 3986 (`http::Uri`) and WHATWG (`url`)
//! name the same host, and nothing but the registered bytes is ever the registered address.

use firstbell_protocol::vocabulary::RedirectUri;
use firstbell_store::testing::Dice;
use http::Uri;
use url::Url;

use super::b_tokens::FIRST;
use super::c_redirect_uris;

/// What parsers are known to quarrel about.
const SEEDS: &[&str] = &[
    "@",
    ":",
    "/",
    "\\",
    "#",
    "?",
    "%",
    "..",
    "//",
    ";",
    "[",
    "]",
    "\t",
    "\n",
    "\0",
    " ",
    "%00",
    "%2f",
    "%40",
    "%5c",
    "evil.test",
    "127.0.0.1",
    "0x7f.1",
    "[::1]",
    "ｅvil",
    "\u{ad}",
    "\u{200d}",
    "xn--",
    ":443",
    "@evil.test",
    "https://",
    "http:",
    "&",
    "=",
    "|",
    "^",
    "`",
    "{",
    "}",
    "<",
    "\"",
];

fn host_of(text: &str) -> Option<(String, String)> {
    let ours: RedirectUri = text.parse().ok()?;
    let whatwg = Url::parse(ours.as_str()).ok()?.host_str()?.to_owned();
    let rfc = ours.as_str().parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
    Some((whatwg, rfc.unwrap_or_default()))
}

#[test]
fn what_we_take_other_parsers_read_alike() {
    let mut dice = Dice::new(24);
    let mut taken = 0;
    let registered: RedirectUri = FIRST.parse().unwrap();
    for _ in 0..200_000 {
        let mut text = FIRST.to_owned();
        for _ in 0..=dice.below(3) {
            let letters: Vec<_> = text.char_indices().collect();
            let (at, letter) = letters[usize::try_from(dice.below(letters.len() as u64)).unwrap()];
            let seed = SEEDS[usize::try_from(dice.below(SEEDS.len() as u64)).unwrap()];
            if dice.below(2) == 0 {
                text.insert_str(at, seed);
            } else {
                text.replace_range(at..at + letter.len_utf8(), seed);
            }
        }
        if let Some((whatwg, rfc)) = host_of(&text) {
            taken += 1;
            assert!(whatwg.eq_ignore_ascii_case(&rfc), "{text:?}: {whatwg} and {rfc}");
            let same: RedirectUri = text.parse().unwrap();
            assert_eq!(same == registered, text == FIRST, "{text:?}");
        }
    }
    assert!(taken > 1000, "only {taken} were taken at all");
}

#[test]
fn no_look_alike_is_the_registered_one() {
    let registered: RedirectUri = FIRST.parse().unwrap();
    for (id, text) in c_redirect_uris::look_alikes() {
        let taken: Option<RedirectUri> = text.parse().ok();
        assert!(taken.as_ref() != Some(&registered), "{id}: {text:?}");
    }
}
