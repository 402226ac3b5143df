use proptest::prelude::*;

use super::*;

fn fit(item: &str, matching: UrlMatch, page: &str) -> Fit {
    let rule = Rule::read(&ItemUrl {
        url: item.to_owned(),
        matching,
    });
    match (rule, page.parse()) {
        (Some(rule), Ok(page)) => rule.fit(&page),
        _ => Fit::Foreign,
    }
}

/// Address of the login, rule, page, and what comes of it.
#[rustfmt::skip]
const TABLE: &[(&str, UrlMatch, &str, Fit)] = &[
    ("https://example.com/login", UrlMatch::Site, "https://example.com", Fit::Fits),
    ("https://example.com/login", UrlMatch::Site, "https://www.example.com", Fit::Fits),
    ("https://login.example.com", UrlMatch::Site, "https://www.example.com", Fit::Fits),
    ("https://example.com", UrlMatch::Site, "https://example.com:8443", Fit::Fits),
    ("https://example.com:8443", UrlMatch::Site, "https://example.com:8443", Fit::Fits),
    ("https://example.com:8443", UrlMatch::Site, "https://www.example.com:8443", Fit::Fits),
    ("https://example.com:8443", UrlMatch::Site, "https://example.com", Fit::Foreign),
    ("https://example.com", UrlMatch::Site, "http://example.com", Fit::Insecure),
    ("https://example.com", UrlMatch::Site, "http://www.example.com:8080", Fit::Insecure),
    ("http://example.com", UrlMatch::Site, "https://example.com", Fit::Fits),
    ("http://example.com", UrlMatch::Site, "http://example.com", Fit::Fits),
    ("https://example.com", UrlMatch::Site, "https://example.org", Fit::Foreign),
    ("https://example.com", UrlMatch::Site, "https://example.com.evil.test", Fit::Foreign),
    ("https://example.com", UrlMatch::Site, "https://notexample.com", Fit::Foreign),
    ("https://ada.github.io", UrlMatch::Site, "https://eve.github.io", Fit::Foreign),
    ("https://ada.github.io", UrlMatch::Site, "https://x.ada.github.io", Fit::Fits),
    ("https://github.io", UrlMatch::Site, "https://ada.github.io", Fit::Foreign),
    ("https://co.uk", UrlMatch::Site, "https://shop.co.uk", Fit::Foreign),
    ("https://a.example.co.uk", UrlMatch::Site, "https://b.example.co.uk", Fit::Fits),
    ("https://a.example.co.uk", UrlMatch::Site, "https://a.other.co.uk", Fit::Foreign),
    ("https://bücher.example", UrlMatch::Site, "https://xn--bcher-kva.example", Fit::Fits),
    ("https://xn--bcher-kva.example", UrlMatch::Site, "https://bucher.example", Fit::Foreign),
    ("https://аpple.com", UrlMatch::Site, "https://apple.com", Fit::Foreign),
    ("http://localhost:3000", UrlMatch::Site, "http://localhost:3000", Fit::Fits),
    ("http://localhost:3000", UrlMatch::Site, "http://localhost:3001", Fit::Foreign),
    ("http://localhost", UrlMatch::Site, "http://localhost:3000", Fit::Foreign),
    ("http://app.localhost", UrlMatch::Site, "http://localhost", Fit::Foreign),
    ("https://localhost", UrlMatch::Site, "http://localhost", Fit::Insecure),
    ("http://192.168.1.1", UrlMatch::Site, "http://192.168.1.1", Fit::Fits),
    ("http://192.168.1.1", UrlMatch::Site, "http://192.168.1.1:81", Fit::Foreign),
    ("http://192.168.1.1", UrlMatch::Site, "http://192.168.1.2", Fit::Foreign),
    ("http://1.2.3.4", UrlMatch::Site, "http://5.2.3.4", Fit::Foreign),
    ("http://[::1]:80", UrlMatch::Site, "http://[::1]", Fit::Fits),
    ("http://[::1]", UrlMatch::Site, "http://[::2]", Fit::Foreign),
    ("http://nas", UrlMatch::Site, "http://nas", Fit::Fits),
    ("http://nas", UrlMatch::Site, "https://nas", Fit::Foreign),
    ("https://login.example.com", UrlMatch::Host, "https://login.example.com", Fit::Fits),
    ("https://login.example.com", UrlMatch::Host, "https://login.example.com:444", Fit::Fits),
    ("https://login.example.com", UrlMatch::Host, "https://www.example.com", Fit::Foreign),
    ("https://login.example.com", UrlMatch::Host, "http://login.example.com", Fit::Insecure),
    ("http://login.example.com", UrlMatch::Host, "https://login.example.com", Fit::Foreign),
    ("https://login.example.com", UrlMatch::Origin, "https://login.example.com", Fit::Fits),
    ("https://login.example.com", UrlMatch::Origin, "https://login.example.com:444", Fit::Foreign),
    ("https://login.example.com", UrlMatch::Origin, "http://login.example.com", Fit::Insecure),
    ("http://login.example.com", UrlMatch::Origin, "https://login.example.com", Fit::Foreign),
    ("https://user:pass@example.com/", UrlMatch::Site, "https://example.com", Fit::Fits),
    ("https://example.com@evil.test/", UrlMatch::Site, "https://example.com", Fit::Foreign),
    ("https://evil.test\\@example.com/", UrlMatch::Site, "https://example.com", Fit::Foreign),
    ("https://evil.test#@example.com/", UrlMatch::Site, "https://example.com", Fit::Foreign),
    ("ftp://example.com", UrlMatch::Site, "https://example.com", Fit::Foreign),
    ("javascript://example.com/%0aalert(1)", UrlMatch::Site, "https://example.com", Fit::Foreign),
    ("no address", UrlMatch::Site, "https://example.com", Fit::Foreign),
    ("", UrlMatch::Site, "https://example.com", Fit::Foreign),
];

#[test]
fn rules_hold() {
    for (item, rule, page, want) in TABLE {
        assert_eq!(fit(item, *rule, page), *want, "{item} {rule:?} {page}");
    }
}

#[test]
fn addresses_are_kept_in_one_spelling() {
    for (typed, want) in [
        (" example.com ", Ok("https://example.com/")),
        (
            "HTTPS://Example.COM/Login?a=1",
            Ok("https://example.com/Login?a=1"),
        ),
        ("localhost:3000", Ok("http://localhost:3000/")),
        ("192.168.1.1", Ok("http://192.168.1.1/")),
        ("[::1]:8080/x", Ok("http://[::1]:8080/x")),
        ("bücher.example", Ok("https://xn--bcher-kva.example/")),
        (
            "https://ada:secret@example.com/",
            Ok("https://example.com/"),
        ),
        ("http://0x7f.1/", Ok("http://127.0.0.1/")),
        ("ftp://example.com", Err(UrlError)),
        ("javascript:alert(1)", Err(UrlError)),
        ("data:text/html,x", Err(UrlError)),
        ("https://", Err(UrlError)),
        ("", Err(UrlError)),
        ("two words", Err(UrlError)),
    ] {
        assert_eq!(
            normalise(typed).as_deref(),
            want.as_ref().map(|text| *text),
            "{typed}"
        );
    }
}

#[test]
fn hosts_are_shown_without_www() {
    for (url, want) in [
        ("https://www.example.com/login", "example.com"),
        ("https://u@example.com:81?x", "example.com:81"),
        ("example.com", "example.com"),
        ("", ""),
    ] {
        assert_eq!(display_host(url), want);
    }
}

fn host() -> impl Strategy<Value = String> {
    prop::collection::vec("[a-z][a-z0-9-]{0,4}[a-z0-9]", 1..3).prop_flat_map(|labels| {
        prop::sample::select(vec![
            "com",
            "co.uk",
            "github.io",
            "test",
            "de",
            "s3.amazonaws.com",
        ])
        .prop_map(move |suffix| format!("{}.{suffix}", labels.join(".")))
    })
}

fn rule() -> impl Strategy<Value = UrlMatch> {
    prop::sample::select(vec![UrlMatch::Site, UrlMatch::Host, UrlMatch::Origin])
}

proptest! {
    #[test]
    fn never_across_registrable_domains(a in host(), b in host(), rule in rule(), http in any::<bool>()) {
        let scheme = if http { "http" } else { "https" };
        if site(&a) != site(&b) {
            let got = fit(&format!("{scheme}://{a}/"), rule, &format!("{scheme}://{b}"));
            prop_assert_eq!(got, Fit::Foreign);
        }
    }

    #[test]
    fn a_site_fits_itself_and_its_subdomains(a in host(), rule in rule()) {
        let (item, page) = (format!("https://{a}/"), format!("https://{a}"));
        prop_assert_eq!(fit(&item, rule, &page), Fit::Fits);
        if matches!(site(&a), Site::Domain(_)) {
            let under = format!("https://x.{a}");
            prop_assert_eq!(fit(&item, UrlMatch::Site, &under) == Fit::Fits, site(&format!("x.{a}")) == site(&a));
        }
    }

    #[test]
    fn ip_addresses_fit_themselves_only(a in any::<[u8; 4]>(), b in any::<[u8; 4]>(), rule in rule()) {
        let text = |ip: [u8; 4]| std::net::Ipv4Addr::from(ip).to_string();
        let got = fit(&format!("http://{}/", text(a)), rule, &format!("http://{}", text(b)));
        prop_assert_eq!(got == Fit::Fits, a == b);
    }

    #[test]
    fn https_never_goes_to_http(a in host(), b in host(), rule in rule(), port in 1_u16..) {
        let got = fit(&format!("https://{a}/"), rule, &format!("http://{b}:{port}"));
        prop_assert_ne!(got, Fit::Fits);
    }

    #[test]
    fn quick_reading_agrees_with_the_whole_parser(url in "https?://[a-z0-9@:.#?/\\\\-]{0,24}") {
        let quick = quick_origin(&url);
        let whole = Url::parse(&url).ok().and_then(|url| origin_of(&url));
        if let Some(quick) = quick {
            // Hosts that only the whole parser takes for IP addresses are refused there or spelled anew.
            if let Some(whole) = whole {
                let numeric = quick.host().rsplit('.').find(|label| !label.is_empty()).is_some_and(|label| label.starts_with(|c: char| c.is_ascii_digit()));
                prop_assert!(quick == whole || numeric, "{url}");
            }
        }
    }
}

#[test]
fn address_is_of_the_very_host_and_port() {
    #[rustfmt::skip]
    let rows = [
        ("https://orchard.test/", "https://orchard.test", true),
        ("https://www.orchard.test/", "https://orchard.test", true),
        ("https://orchard.test/", "https://www.orchard.test", true),
        ("http://orchard.test/", "https://orchard.test", true),
        ("https://orchard.test:8443/", "https://orchard.test:8443", true),
        ("https://orchard.test/", "https://staging.orchard.test", false),
        ("https://orchard.test/", "https://orchard.test:8443", false),
        ("https://orchard.test:8443/", "https://orchard.test", false),
        ("http://orchard.test:443/", "http://orchard.test", false),
    ];
    for (url, page, want) in rows {
        let url = ItemUrl {
            url: url.to_owned(),
            matching: UrlMatch::Site,
        };
        let page = page.parse();
        assert!(
            page.is_ok_and(|page| is_at(&rules(std::slice::from_ref(&url)), &page) == want),
            "{url:?}"
        );
    }
}
