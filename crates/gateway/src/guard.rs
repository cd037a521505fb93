//! Who may talk to a loopback server at all: the Host header must name this machine, or a page that rebinds its own
//! name to 127.0.0.1 could reach us; and an Origin header, which browsers set and pages cannot forge, must be our own.

use http::{HeaderMap, Uri, header};

/// Origins of the desktop shell's own pages (macOS and Linux; Windows).
const SHELL_ORIGINS: [&str; 3] = ["tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"];

/// Why a request is refused before anybody looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "The Host header must be 127.0.0.1, [::1], localhost or a name under localhost. Use the address that `atelier serve` printed."
    )]
    Host,
    #[error("Requests from pages of another origin are refused.")]
    Origin,
}

/// HTTP/1.1 requests carry one Host; one that names its target in full must name the same.
pub fn check_host(uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let host = host(headers)?;
    match is_this_machine(host) && uri.authority().is_none_or(|authority| authority.as_str() == host) {
        true => Ok(()),
        false => Err(Refusal::Host),
    }
}

/// A page's requests carry its origin; programs send none.
pub fn check_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let host = host(headers)?;
    for origin in headers.get_all(header::ORIGIN) {
        let origin = origin.to_str().map_err(|_| Refusal::Origin)?;
        if !is_shell(origin) && origin.strip_prefix("http://") != Some(host) {
            return Err(Refusal::Origin);
        }
    }
    Ok(())
}

fn host(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().map_err(|_| Refusal::Host),
        _ => Err(Refusal::Host),
    }
}

/// Whether the origin is the desktop shell's own page, which needs CORS headers since its address is not ours.
pub fn is_shell(origin: &str) -> bool {
    SHELL_ORIGINS.contains(&origin)
}

/// Any port is accepted: the way in may be an SSH tunnel that begins at another one.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some((name, _)) if !name.starts_with('[') => return false,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]") || name.strip_suffix(".localhost").is_some_and(is_label_path)
}

/// A bucket's name in front of `.localhost` (virtual-host style), which browsers and resolvers keep on this machine.
fn is_label_path(name: &str) -> bool {
    name.split('.').all(|label| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_with(host: Option<&str>, origin: Option<&str>) -> Result<(), Refusal> {
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(header::HOST, host.parse().unwrap());
        }
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        check_host(&Uri::from_static("/"), &headers).and_then(|()| check_origin(&headers))
    }

    #[test]
    fn hosts() {
        let ok = |host| assert_eq!(check_with(Some(host), None), Ok(()), "{host}");
        let refused = |host| assert_eq!(check_with(Some(host), None), Err(Refusal::Host), "{host}");
        ok("127.0.0.1:8080");
        ok("127.0.0.1");
        ok("localhost:1");
        ok("[::1]:8080");
        ok("my-bucket.localhost:8080");
        ok("my.bucket.localhost:8080");
        refused("evil.example:8080");
        refused("127.0.0.1.evil.example:8080");
        refused("localhost.evil.example");
        refused("127.0.0.1:");
        refused("127.0.0.1:80x");
        refused("evil..localhost");
        refused("127.0.0.1@evil.example");
        refused("[::2]:80");
        refused("");
        assert_eq!(check_with(None, None), Err(Refusal::Host));
    }

    #[test]
    fn origins() {
        let ok = |origin| assert_eq!(check_with(Some("127.0.0.1:80"), Some(origin)), Ok(()), "{origin}");
        let refused =
            |origin| assert_eq!(check_with(Some("127.0.0.1:80"), Some(origin)), Err(Refusal::Origin), "{origin}");
        ok("http://127.0.0.1:80");
        ok("tauri://localhost");
        refused("http://localhost:80");
        refused("http://127.0.0.1:81");
        refused("https://127.0.0.1:80");
        refused("https://evil.example");
        refused("null");
        refused("");
    }

    #[test]
    fn an_absolute_target_must_agree_with_the_host() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "127.0.0.1:80".parse().unwrap());
        assert_eq!(check_host(&Uri::from_static("http://evil.example/"), &headers), Err(Refusal::Host));
    }
}
