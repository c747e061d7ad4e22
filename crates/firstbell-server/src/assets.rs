//! The files that pages load, inside the binary. Their URLs hold a hash of their content, so that
//! a browser may keep them for ever and a new release is seen at once.

use std::sync::LazyLock;

use aws_lc_rs::digest;

/// A file for a browser.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Asset {
    /// Its media type, for `Content-Type`.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

/// Where the asset `name` is: `/assets/<hash>/<name>`. Empty when there is no such asset, which
/// the tests rule out for every name in a template.
pub fn url(name: &str) -> &'static str {
    PUBLISHED.iter().find(|it| it.name == name).map_or("", |it| it.url.as_str())
}

/// The asset `name`, if `hash` is that of its content.
pub fn find(hash: &str, name: &str) -> Option<Asset> {
    PUBLISHED.iter().find(|it| it.name == name && it.hash == hash).map(|it| it.asset)
}

/// The asset `name` whatever its hash, for the addresses that browsers ask for by habit
/// (`/favicon.ico`).
pub fn named(name: &str) -> Option<Asset> {
    PUBLISHED.iter().find(|it| it.name == name).map(|it| it.asset)
}

struct Published {
    name: &'static str,
    hash: String,
    url: String,
    asset: Asset,
}

static PUBLISHED: LazyLock<Vec<Published>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(name, content_type, bytes)| {
            let digest = digest::digest(&digest::SHA256, bytes);
            let head = digest.as_ref().first_chunk().copied().unwrap_or_default();
            let hash = format!("{:016x}", u64::from_be_bytes(head));
            let url = format!("/assets/{hash}/{name}");
            Published { name, hash, url, asset: Asset { content_type, bytes } }
        })
        .collect()
});

const FILES: &[(&str, &str, &[u8])] = &[
    ("firstbell.css", "text/css; charset=utf-8", include_bytes!("../assets/firstbell.css")),
    ("mark.svg", "image/svg+xml", include_bytes!("../assets/mark.svg")),
    ("favicon.svg", "image/svg+xml", include_bytes!("../assets/favicon.svg")),
    ("icon-180.png", "image/png", include_bytes!("../assets/icon-180.png")),
];

#[cfg(test)]
mod tests {
    use super::{FILES, find, url};

    #[test]
    fn an_asset_is_found_under_its_own_hash_only() {
        for (name, content_type, bytes) in FILES {
            let address = url(name);
            let [_, assets, hash, file] = address.split('/').collect::<Vec<_>>()[..] else {
                panic!("unexpected address {address}");
            };

            assert_eq!((assets, file, hash.len()), ("assets", *name, 16));
            let asset = find(hash, name).unwrap();
            assert_eq!((asset.content_type, asset.bytes), (*content_type, *bytes));
            assert_eq!(find("0000000000000000", name), None);
        }
    }

    #[test]
    fn the_stylesheet_loads_nothing() {
        let css = include_str!("../assets/firstbell.css");
        assert!(!css.contains("url("), "a stylesheet of one file needs no second request");
        assert!(!css.contains("@import"));
        assert!(!css.contains("//"));
    }
}
