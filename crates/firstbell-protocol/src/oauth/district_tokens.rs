//! The answer of `GET /oauth/tokens`: the tokens with which an application reads districts.

use std::fmt;

use serde::Serialize;

/// The one way in which tokens are listed.
pub const OWNER_TYPE: &str = "district";

/// `{"data", "links"}`. The items are not wrapped once more.
#[derive(Debug, Serialize)]
pub struct DistrictTokens<'a> {
    /// A token for each district.
    pub data: Vec<DistrictTokenItem<'a>>,
    links: [SelfLink; 1],
}

/// One token.
#[derive(Serialize)]
pub struct DistrictTokenItem<'a> {
    /// The id of its record.
    pub id: String,
    /// When it was made, ISO 8601 with milliseconds.
    pub created: String,
    /// The district that it reads.
    pub owner: Owner,
    /// The token.
    pub access_token: String,
    /// What it may read.
    pub scopes: Vec<&'a str>,
}

/// The token is not printed.
impl fmt::Debug for DistrictTokenItem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DistrictTokenItem({}, {}, …)", self.id, self.owner.id)
    }
}

/// Whom a token speaks for.
#[derive(Debug, Serialize)]
pub struct Owner {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
}

impl Owner {
    /// The district with this id.
    pub fn district(id: impl Into<String>) -> Self {
        Self { kind: OWNER_TYPE, id: id.into() }
    }
}

#[derive(Debug, Serialize)]
struct SelfLink {
    rel: &'static str,
    uri: &'static str,
}

impl<'a> DistrictTokens<'a> {
    /// The list of these.
    pub fn of(data: Vec<DistrictTokenItem<'a>>) -> Self {
        let own = SelfLink { rel: "self", uri: "/oauth/tokens?owner_type=district" };
        Self { data, links: [own] }
    }
}

/// What the query asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistrictTokensQuery {
    /// `district`: only this one's, in the sender's words.
    pub district: Option<String>,
}

/// The query asks for tokens of something else than districts, or for two things at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("owner_type must be district")]
pub struct OtherOwner;

impl DistrictTokensQuery {
    /// Reads a query. `owner_type` may be left out, as published guides do.
    ///
    /// # Errors
    /// [`OtherOwner`].
    pub fn parse(query: &str) -> Result<Self, OtherOwner> {
        let mut district = None;
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "owner_type" if value != OWNER_TYPE => return Err(OtherOwner),
                "district" if district.replace(value.into_owned()).is_some() => {
                    return Err(OtherOwner);
                }
                _ => {}
            }
        }
        Ok(Self { district })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_list_has_the_dialects_shape() {
        let item = DistrictTokenItem {
            id: "aaa".into(),
            created: "2022-05-15T22:20:03.535Z".into(),
            owner: Owner::district("ddd"),
            access_token: "0123".into(),
            scopes: vec!["read:districts", "read:students"],
        };
        assert_eq!(format!("{item:?}"), "DistrictTokenItem(aaa, ddd, …)");
        assert_eq!(
            serde_json::to_value(DistrictTokens::of(vec![item])).expect("JSON"),
            json!({
                "data": [{
                    "id": "aaa", "created": "2022-05-15T22:20:03.535Z",
                    "owner": {"type": "district", "id": "ddd"}, "access_token": "0123",
                    "scopes": ["read:districts", "read:students"],
                }],
                "links": [{"rel": "self", "uri": "/oauth/tokens?owner_type=district"}],
            })
        );
    }

    #[test]
    fn the_query_asks_for_districts() {
        let district = |id: &str| Ok(DistrictTokensQuery { district: Some(id.into()) });
        for (query, expected) in [
            ("", Ok(DistrictTokensQuery { district: None })),
            ("owner_type=district", Ok(DistrictTokensQuery { district: None })),
            ("owner_type=district&district=a&x=y", district("a")),
            ("district=a", district("a")),
            ("owner_type=user", Err(OtherOwner)),
            ("owner_type=", Err(OtherOwner)),
            ("district=a&district=b", Err(OtherOwner)),
        ] {
            assert_eq!(DistrictTokensQuery::parse(query), expected, "{query}");
        }
    }
}
