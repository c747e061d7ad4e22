//! The registry of faces: every refusal has a stable code, a name for programs, the key of its
//! text for people and an HTTP status. `docs/errors.md` has a section for each, in this order.
//!
//! A new refusal is a constant here, its text in `firstbell-server/locales/`, and its section in
//! `docs/errors.md`; a test fails while one of them is missing.

/// How one refusal is told to its three readers.
#[derive(Debug, PartialEq, Eq)]
pub struct Face {
    /// The stable code: `FB` and four digits. 1xxx: how somebody came; 2xxx: who they are;
    /// 3xxx: what an application sent; 4xxx: what it asked to see; 9xxx: us.
    pub code: &'static str,
    /// The `error` that programs read (RFC 6749 sections 4.1.2.1 and 5.2).
    pub oauth_name: &'static str,
    /// The key of the text for people, in `locales/`.
    pub text_key: &'static str,
    /// The HTTP status where it is told as a page or as JSON.
    pub status: u16,
}

macro_rules! faces {
    ($($(#[$doc:meta])* $name:ident = $code:literal $oauth:literal $key:literal $status:literal;)*) => {
        $($(#[$doc])* pub const $name: Face =
            Face { code: $code, oauth_name: $oauth, text_key: $key, status: $status };)*

        /// All faces, in the order of their codes.
        pub const ALL: &[&Face] = &[$(&$name),*];
    };
}

faces! {
    /// No application has the `client_id` that was sent.
    UNKNOWN_APPLICATION = "FB1001" "invalid_client" "error-unknown-application" 400;
    /// The `redirect_uri` is not one of the application's.
    REDIRECT_URI_NOT_REGISTERED =
        "FB1002" "invalid_request" "error-redirect-uri-not-registered" 400;
    /// `response_type` is missing.
    RESPONSE_TYPE_MISSING = "FB1003" "invalid_request" "error-response-type-missing" 400;
    /// `response_type` is not `code`.
    RESPONSE_TYPE_UNSUPPORTED =
        "FB1004" "unsupported_response_type" "error-response-type-unsupported" 400;
    /// A parameter is repeated, too long or cannot be read.
    PARAMETER_MALFORMED = "FB1005" "invalid_request" "error-parameter-malformed" 400;
    /// No district has the name in the address.
    DISTRICT_UNKNOWN = "FB1006" "invalid_request" "error-district-unknown" 404;
    /// The login was begun too long ago, or was finished already.
    LOGIN_EXPIRED = "FB1007" "access_denied" "error-login-expired" 400;
    /// The login was begun in another browser.
    LOGIN_OTHER_BROWSER = "FB1008" "access_denied" "error-login-other-browser" 400;
    /// A form came from somewhere else.
    FORM_FORGED = "FB1009" "access_denied" "error-form-forged" 403;
    /// There is no such page.
    PAGE_NOT_FOUND = "FB1010" "invalid_request" "error-page-not-found" 404;
    /// The page does not answer to this method.
    METHOD_NOT_ALLOWED = "FB1011" "invalid_request" "error-method-not-allowed" 405;
    /// The request is larger than is read.
    REQUEST_TOO_LARGE = "FB1012" "invalid_request" "error-request-too-large" 413;
    /// An application and we sent the browser back and forth too often.
    TOO_MANY_BOUNCES = "FB1013" "invalid_request" "error-too-many-bounces" 400;
    /// Somebody logged in on this device after the login was begun.
    LOGIN_SUPERSEDED = "FB1014" "access_denied" "error-login-superseded" 400;
    /// The PKCE challenge is not one that is understood (RFC 7636 section 4.4.1).
    CHALLENGE_MALFORMED = "FB1015" "invalid_request" "error-parameter-malformed" 400;
    /// The application must send a PKCE challenge, and sent none (RFC 7636 section 4.4.1).
    CHALLENGE_REQUIRED = "FB1016" "invalid_request" "error-parameter-malformed" 400;
    /// The parameter `request` is not understood (OIDC Core section 6).
    REQUEST_OBJECT_UNSUPPORTED =
        "FB1017" "request_not_supported" "error-parameter-malformed" 400;
    /// The parameter `request_uri` is not understood (OIDC Core section 6).
    REQUEST_URI_UNSUPPORTED =
        "FB1018" "request_uri_not_supported" "error-parameter-malformed" 400;
    /// `prompt=none`, and nobody is logged in (OIDC Core section 3.1.2.6).
    LOGIN_REQUIRED = "FB1019" "login_required" "error-login-expired" 400;
    /// `prompt=none`, and the person would have to be asked (OIDC Core section 3.1.2.6).
    INTERACTION_REQUIRED = "FB1020" "interaction_required" "error-login-expired" 400;

    /// The person's district has not connected the application.
    APPLICATION_NOT_CONNECTED = "FB2001" "access_denied" "error-application-not-connected" 403;
    /// The district does not share the person with the application.
    PERSON_NOT_SHARED = "FB2002" "access_denied" "error-person-not-shared" 403;
    /// The application serves none of the person's roles.
    USER_TYPE_NOT_SUPPORTED = "FB2003" "access_denied" "error-user-type-not-supported" 403;
    /// The person is no longer in the district's roster.
    PERSON_NOT_IN_ROSTER = "FB2004" "access_denied" "error-person-not-in-roster" 403;
    /// An administrator has suspended the person.
    PERSON_SUSPENDED = "FB2005" "access_denied" "error-person-suspended" 403;
    /// The person's district has paused the application.
    CONNECTION_PAUSED = "FB2006" "access_denied" "error-connection-paused" 403;
    /// The person's district does not let teachers connect the application.
    CLASSROOM_OFF = "FB2007" "access_denied" "error-classroom-off" 403;
    /// None of the student's teachers has connected the application.
    TEACHER_NOT_CONNECTED = "FB2008" "access_denied" "error-teacher-not-connected" 403;
    /// The application is for teachers and their students only.
    CLASSROOM_USER_TYPE = "FB2009" "access_denied" "error-classroom-user-type" 403;
    /// The administrator may not open the portal as this person.
    IMPERSONATION_REFUSED = "FB2010" "access_denied" "error-impersonation-refused" 403;
    /// What was asked for is not done in somebody else's name.
    NOT_WHILE_IMPERSONATING = "FB2011" "access_denied" "error-not-while-impersonating" 403;

    /// The body of a token request cannot be read.
    TOKEN_REQUEST_MALFORMED = "FB3001" "invalid_request" "error-parameter-malformed" 400;
    /// A token request lacks a parameter.
    TOKEN_REQUEST_INCOMPLETE = "FB3002" "invalid_request" "error-parameter-malformed" 400;
    /// A token request asks for another grant than `authorization_code` and `client_credentials`.
    GRANT_TYPE_UNSUPPORTED = "FB3003" "unsupported_grant_type" "error-parameter-malformed" 400;
    /// The application did not prove itself.
    CLIENT_NOT_PROVED = "FB3004" "invalid_client" "error-unknown-application" 401;
    /// The code is unknown, spent, expired or another application's.
    CODE_INVALID = "FB3005" "invalid_grant" "error-parameter-malformed" 400;
    /// The `redirect_uri` is not the one to which the code was sent.
    CODE_REDIRECT_MISMATCH = "FB3006" "invalid_grant" "error-redirect-uri-not-registered" 400;
    /// The PKCE verifier does not fit the challenge of the code (RFC 7636 section 4.6).
    VERIFIER_MISMATCH = "FB3007" "invalid_grant" "error-parameter-malformed" 400;
    /// Tokens are listed for districts only.
    OWNER_TYPE_UNSUPPORTED = "FB3008" "invalid_request" "error-parameter-malformed" 400;
    /// The application presented too many wrong secrets (RFC 6585 section 4); a right one counts all
    /// the same.
    TOO_MANY_PROOFS = "FB3009" "invalid_client" "error-unknown-application" 429;
    /// The application reads no district, or not the one that was named (RFC 6749 section 5.2).
    NO_DISTRICT_TO_READ = "FB3010" "unauthorized_client" "error-unknown-application" 400;
    /// None of the scopes that were asked for can be granted (RFC 6749 section 5.2).
    SCOPE_UNKNOWN = "FB3011" "invalid_scope" "error-parameter-malformed" 400;

    /// The bearer token is missing, unknown, expired or revoked.
    TOKEN_INVALID = "FB4001" "invalid_token" "error-person-not-in-roster" 401;
    /// The token does not reach this object.
    OUT_OF_SCOPE = "FB4002" "insufficient_scope" "error-person-not-shared" 403;
    /// There is no such object for this token.
    OBJECT_NOT_FOUND = "FB4003" "invalid_request" "error-page-not-found" 404;

    /// A page was asked for that is larger than any.
    PAGE_TOO_LARGE = "FB4004" "invalid_request" "error-parameter-malformed" 413;
    /// The Data API knows the path, and does not answer it here.
    UNSUPPORTED_REQUEST = "FB4005" "invalid_request" "error-page-not-found" 501;

    /// Something of ours failed.
    SERVER_TROUBLE = "FB9001" "server_error" "error-server-trouble" 500;
    /// More is asked of us than we can do at once.
    SERVER_BUSY = "FB9002" "temporarily_unavailable" "error-server-busy" 503;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        let codes: Vec<_> = ALL.iter().map(|face| face.code).collect();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
        for face in ALL {
            assert!(face.code.len() == 6 && face.code.starts_with("FB"), "{face:?}");
            assert!((400..600).contains(&face.status), "{face:?}");
        }
    }
}
