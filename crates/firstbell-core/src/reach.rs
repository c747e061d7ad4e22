//! Where we may go out to. Who registers an application's webhook must not make us knock at doors of
//! the network that we stand in: neither an address nor what a name resolves to may be private
//! ([`reach`]). A district's own service is named by the operator and may stand there; what is sent
//! to it is a secret ([`reach_of_service`]).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::application::{Stage, WebAddress};

/// Which addresses a name may resolve to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public ones alone.
    Internet,
    /// The machine that we run on: an application or a service that is being built there.
    ThisMachine,
    /// All of them: the operator says where.
    Anywhere,
}

/// Why an address is not one to send to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefusal {
    /// It is plain HTTP.
    #[error("it is not HTTPS; only an application in development may use HTTP, on this machine")]
    NotHttps,
    /// It is ours.
    #[error("it leads to this machine; only that of an application in development may")]
    ThisMachine,
    /// It is in a network of somebody, perhaps in ours.
    #[error("it leads into a private network, or to an address that nobody on the Internet has")]
    Private,
}

/// How far a message to this address may reach.
///
/// # Errors
/// See [`AddressRefusal`].
pub fn reach(address: &WebAddress, stage: Stage) -> Result<Reach, AddressRefusal> {
    match (is_this_machine(address), stage) {
        (true, Stage::Development) => return Ok(Reach::ThisMachine),
        (true, Stage::Production) => return Err(AddressRefusal::ThisMachine),
        (false, _) => {}
    }
    if !address.is_https() {
        return Err(AddressRefusal::NotHttps);
    }
    let is_public = address.numeric_host().is_none_or(|host| Reach::Internet.allows(host));
    if is_public && !address.is_on_a_private_network() {
        Ok(Reach::Internet)
    } else {
        Err(AddressRefusal::Private)
    }
}

/// Why a district's service is not asked at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServiceRefusal {
    /// It is no address, or has a name or password in it, which would be printed and recorded.
    #[error("it is no http or https address, or has a user name or password in it")]
    NoAddress,
    /// What we ask with would come behind it.
    #[error("it has a query")]
    Query,
    /// It is plain HTTP.
    #[error("it is not HTTPS; only on this machine may it be HTTP")]
    NotHttps,
}

/// How far a request to a district's service at this address may reach: encrypted anywhere, else no
/// further than this machine.
///
/// # Errors
/// See [`ServiceRefusal`].
pub fn reach_of_service(address: &str) -> Result<Reach, ServiceRefusal> {
    let address: WebAddress = address.parse().map_err(|_| ServiceRefusal::NoAddress)?;
    if address.as_str().contains('?') {
        return Err(ServiceRefusal::Query);
    }
    match (address.is_https(), is_this_machine(&address)) {
        (true, _) => Ok(Reach::Anywhere),
        (false, true) => Ok(Reach::ThisMachine),
        (false, false) => Err(ServiceRefusal::NotHttps),
    }
}

/// By number or by name (RFC 6761 section 6.3).
fn is_this_machine(address: &WebAddress) -> bool {
    if let Some(host) = address.numeric_host() {
        return Reach::ThisMachine.allows(host);
    }
    let host = address.host().trim_end_matches('.').to_ascii_lowercase();
    host.rsplit('.').next() == Some("localhost")
}

impl Reach {
    /// Whether a connection to this address is within reach.
    pub fn allows(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        match (self, address) {
            (Self::ThisMachine, address) => address.is_loopback(),
            (Self::Anywhere, _) => true,
            (Self::Internet, IpAddr::V4(address)) => is_public_v4(address),
            (Self::Internet, IpAddr::V6(address)) => is_public_v6(address),
        }
    }
}

/// Whether it is not one of the addresses for a special purpose (RFC 6890 and the registry that it
/// made).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
        || (first == 198 && (18..20).contains(&second))
        || (first, second, third) == (192, 0, 0)
        || (first, second, third) == (192, 88, 99))
}

/// Whether it is one of the addresses that are given out (`2000::/3`), and not one of those that carry
/// another address inside or serve a special purpose. What a gateway makes of an IPv4 address
/// (RFC 6052) is judged by that.
fn is_public_v6(address: Ipv6Addr) -> bool {
    const GATEWAY: [u16; 6] = [0x64, 0xff9b, 0, 0, 0, 0];
    let segments = address.segments();
    let [first, second, .., high, low] = segments;
    if segments.starts_with(&GATEWAY) {
        return is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    }
    let is_given_out = first & 0xe000 == 0x2000;
    let is_special = first == 0x2001 && (second < 0x200 || second == 0xdb8);
    let is_documentation = first == 0x3fff && second < 0x1000;
    let carries_another = first == 0x2002;
    is_given_out && !is_special && !is_documentation && !carries_another
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(address: &str, stage: Stage) -> Result<Reach, AddressRefusal> {
        reach(&address.parse().expect(address), stage)
    }

    #[test]
    fn webhooks_are_https_and_public_but_for_this_machine_in_development() {
        use AddressRefusal as R;
        use Stage::{Development, Production};
        let internet = Ok(Reach::Internet);
        for (address, in_development, in_production) in [
            ("https://app.example/hook", internet, internet),
            ("https://app.example:8443/hook?a=b", internet, internet),
            ("https://93.184.215.14/", internet, internet),
            ("http://app.example/hook", Err(R::NotHttps), Err(R::NotHttps)),
            ("http://10.0.0.1/", Err(R::NotHttps), Err(R::NotHttps)),
            ("https://10.0.0.1/", Err(R::Private), Err(R::Private)),
            ("https://169.254.169.254/latest", Err(R::Private), Err(R::Private)),
            ("https://[fd00:ec2::254]/", Err(R::Private), Err(R::Private)),
            ("https://[::ffff:a00:1]/", Err(R::Private), Err(R::Private)),
            ("https://198.18.0.1/", Err(R::Private), Err(R::Private)),
            ("https://intranet/", Err(R::Private), Err(R::Private)),
            ("https://printer.local/", Err(R::Private), Err(R::Private)),
            ("https://metadata.google.internal/", Err(R::Private), Err(R::Private)),
            ("http://localhost:9000/hook", Ok(Reach::ThisMachine), Err(R::ThisMachine)),
            ("https://LocalHost./hook", Ok(Reach::ThisMachine), Err(R::ThisMachine)),
            ("http://app.localhost/hook", Ok(Reach::ThisMachine), Err(R::ThisMachine)),
            ("http://127.8.9.1/", Ok(Reach::ThisMachine), Err(R::ThisMachine)),
            ("http://[::1]:1/", Ok(Reach::ThisMachine), Err(R::ThisMachine)),
            ("https://[::ffff:7f00:1]/", Ok(Reach::ThisMachine), Err(R::ThisMachine)),
        ] {
            assert_eq!(found(address, Development), in_development, "{address}");
            assert_eq!(found(address, Production), in_production, "{address}");
        }
    }

    #[test]
    fn services_are_asked_over_https_or_here_and_carry_no_password_in_their_address() {
        use ServiceRefusal as R;
        let (anywhere, here) = (Ok(Reach::Anywhere), Ok(Reach::ThisMachine));
        for (address, expected) in [
            ("https://sis.example/ims/oneroster", anywhere),
            ("https://10.0.0.7:8443/ims/oneroster", anywhere),
            ("https://sis.intranet/token", anywhere),
            ("https://localhost:9/x", anywhere),
            ("http://localhost:9/x", here),
            ("http://sis.localhost/x", here),
            ("http://127.0.0.1:9/x", here),
            ("http://[::1]/x", here),
            ("http://sis.example/ims/oneroster", Err(R::NotHttps)),
            ("http://localhost.example/", Err(R::NotHttps)),
            ("http://10.0.0.7/", Err(R::NotHttps)),
            ("https://me:secret@sis.example/", Err(R::NoAddress)),
            ("https://:secret@sis.example/", Err(R::NoAddress)),
            ("https://me@sis.example/", Err(R::NoAddress)),
            ("https://@sis.example/", Err(R::NoAddress)),
            ("https://sis.example/?a=b", Err(R::Query)),
            ("https://sis.example/?", Err(R::Query)),
            ("https://sis.example/#part", Err(R::NoAddress)),
            ("ftp://sis.example/", Err(R::NoAddress)),
            ("sis.example", Err(R::NoAddress)),
            ("file:///etc/passwd", Err(R::NoAddress)),
        ] {
            assert_eq!(reach_of_service(address), expected, "{address}");
        }
        let intranet = "10.0.0.7".parse().expect("an address");
        assert!(Reach::Anywhere.allows(intranet) && !Reach::ThisMachine.allows(intranet));
    }

    #[test]
    fn what_a_name_resolves_to_is_public_or_refused() {
        for (address, is_public) in [
            ("1.1.1.1", true),
            ("100.63.255.255", true),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("172.15.0.1", true),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("127.0.0.1", false),
            ("0.0.0.0", false),
            ("169.254.169.254", false),
            ("192.0.0.192", false),
            ("203.0.113.7", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:4700::1111", true),
            ("2001:4860:4860::8888", true),
            ("::", false),
            ("::1", false),
            ("::7f00:1", false),
            ("::ffff:192.168.0.1", false),
            ("::ffff:1.1.1.1", true),
            ("64:ff9b::1.1.1.1", true),
            ("64:ff9b::10.0.0.1", false),
            ("64:ff9b:1::1.1.1.1", false),
            ("2002:7f00:1::", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("3fff::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            let parsed = address.parse().expect(address);
            assert_eq!(Reach::Internet.allows(parsed), is_public, "{address}");
        }
        for (address, is_ours) in
            [("127.0.0.1", true), ("::1", true), ("10.0.0.1", false), ("1.1.1.1", false)]
        {
            let parsed = address.parse().expect(address);
            assert_eq!(Reach::ThisMachine.allows(parsed), is_ours, "{address}");
        }
    }
}
