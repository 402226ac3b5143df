//! Against servers of one answer on this computer.

use std::{io, sync::Arc};

use engine::platform::Method as Verb;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

fn get(url: String) -> HttpRequest {
    HttpRequest {
        method: Verb::Get,
        url,
        bearer: None,
        body: None,
        max_bytes: 1024,
    }
}

/// A request as it came: its head in lower case, and its body.
async fn hear(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<(String, String)> {
    let mut heard = Vec::new();
    let end = loop {
        if let Some(end) = heard.windows(4).position(|part| part == b"\r\n\r\n") {
            break end + 4;
        }
        heard.push(stream.read_u8().await?);
    };
    let head = String::from_utf8_lossy(&heard[..end]).to_lowercase();
    let mut lines = head.lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    Ok((head, String::from_utf8_lossy(&body).into_owned()))
}

async fn answer<S>(mut stream: S, answer: &str) -> io::Result<(String, String)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let heard = hear(&mut stream).await?;
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(heard)
}

type Heard = JoinHandle<io::Result<(String, String)>>;

/// A server that hears one request and gives one answer: its address, and what it heard.
async fn server(text: &'static str) -> io::Result<(String, Heard)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let place = format!("http://{}", listener.local_addr()?);
    let heard = tokio::spawn(async move { answer(listener.accept().await?.0, text).await });
    Ok((place, heard))
}

/// A listener that tells afterwards whether anybody came.
fn silent() -> io::Result<(std::net::TcpListener, String)> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let place = format!("http://{}", listener.local_addr()?);
    Ok((listener, place))
}

fn nobody_came(listener: &std::net::TcpListener) -> bool {
    listener
        .accept()
        .is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

#[tokio::test]
async fn request_and_answer_go_through_whatever_the_status() -> Outcome {
    let text = "HTTP/1.1 409 Conflict\r\nSet-Cookie: a=b\r\nTransfer-Encoding: chunked\r\n\r\n\
                3\r\n{\"a\r\n3\r\n\":1\r\n1\r\n}\r\n0\r\n\r\n";
    let (place, heard) = server(text).await?;
    let http = Http::new(&Route::Direct, Leave::default())?;
    let response = http
        .send(HttpRequest {
            method: Verb::Put,
            url: format!("{place}/api/v1/x?y=1"),
            bearer: Some(Zeroizing::new("0123abcd".to_owned())),
            body: Some(Zeroizing::new("{\"b\":2}".to_owned())),
            max_bytes: 7,
        })
        .await?;
    assert_eq!(response.status, 409);
    assert_eq!(response.body.as_slice(), b"{\"a\":1}");
    let (head, body) = heard.await??;
    assert!(head.starts_with("put /api/v1/x?y=1 http/1.1\r\n"), "{head}");
    for line in [
        "authorization: bearer 0123abcd",
        "content-type: application/json",
        "accept: application/json",
    ] {
        assert!(head.lines().any(|sent| sent == line), "{line}: {head}");
    }
    assert_eq!(body, "{\"b\":2}");
    let (place, heard) = server(OK).await?;
    http.send(get(place)).await?;
    let (head, _) = heard.await??;
    for absent in ["cookie", "authorization", "content-type", "referer"] {
        assert!(!head.contains(absent), "{absent}: {head}");
    }
    Ok(())
}

#[tokio::test]
async fn redirects_are_not_followed() -> Outcome {
    let (listener, elsewhere) = silent()?;
    let text = format!("HTTP/1.1 307 Moved\r\nLocation: {elsewhere}/\r\nContent-Length: 0\r\n\r\n");
    let text: &'static str = text.leak();
    let http = Http::new(&Route::Direct, Leave::default())?;
    let (place, _heard) = server(text).await?;
    let sent = http.send(get(place)).await;
    assert_eq!(sent.map(drop), Err(TransportError::Unreachable));
    let (place, _heard) = server(text).await?;
    let opened = http.open_stream(&place, None, TIMEOUT).await;
    assert_eq!(opened.map(drop), Err(TransportError::Unreachable));
    assert!(nobody_came(&listener));
    Ok(())
}

#[tokio::test]
async fn answers_are_read_as_far_as_they_may_be_long() -> Outcome {
    let http = Http::new(&Route::Direct, Leave::default())?;
    // One says nothing of its length; one says more than it has, and is not believed.
    let open_ended = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789";
    let (place, _heard) = server(open_ended).await?;
    let mut request = get(place);
    request.max_bytes = 10;
    assert_eq!(http.send(request).await?.body.len(), 10);
    for text in [
        open_ended,
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789",
    ] {
        let (place, _heard) = server(text).await?;
        let mut request = get(place);
        request.max_bytes = 9;
        let sent = http.send(request).await;
        assert_eq!(sent.map(drop), Err(TransportError::TooLarge));
    }
    let torn = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234";
    let (place, _heard) = server(torn).await?;
    let sent = http.send(get(place)).await;
    assert_eq!(sent.map(drop), Err(TransportError::Unreachable));
    Ok(())
}

#[tokio::test]
async fn plain_http_goes_to_this_computer_only() -> Outcome {
    let allowed = |url: &str| Url::parse(url).is_ok_and(|url| is_allowed(&url, true));
    for url in [
        "https://kp.example.com",
        "http://localhost:8787",
        "http://127.0.0.1:9000",
        "http://127.9.9.9",
        "http://[::1]:9000",
    ] {
        assert!(allowed(url), "{url}");
    }
    for url in [
        "http://kp.example.com",
        "http://localhost.example.com",
        "http://192.168.1.1",
        "http://[::2]",
        "file:///etc/passwd",
        "ws://localhost",
    ] {
        assert!(!allowed(url), "{url}");
    }
    assert!(!is_allowed(&Url::parse("http://localhost")?, false));
    assert!(is_allowed(&Url::parse("https://localhost")?, false));
    let http = Http::new(&Route::Direct, Leave::default())?;
    let sent = http.send(get("http://kp.example.com/".to_owned())).await;
    assert_eq!(sent.map(drop), Err(TransportError::Unreachable));
    Ok(())
}

#[tokio::test]
async fn an_answer_that_goes_on_is_heard_part_by_part() -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let place = format!("http://{}", listener.local_addr()?);
    let http = Http::new(&Route::Direct, Leave::default())?;
    let opening = http.open_stream(&place, Some("token"), TIMEOUT);
    let serving = async {
        let (mut stream, _) = listener.accept().await?;
        let (head, _) = hear(&mut stream).await?;
        let first = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n";
        stream.write_all(first.as_bytes()).await?;
        Ok::<_, io::Error>((stream, head))
    };
    let (opened, served) = tokio::join!(opening, serving);
    let (mut heard, (mut stream, head)) = (opened?, served?);
    assert!(head.contains("accept: text/event-stream, application/json\r\n"));
    assert!(head.contains("authorization: bearer token\r\n"));
    assert_eq!(heard.status, 200);
    assert_eq!(heard.next().await?, Some(b"data: 1\n\n".to_vec()));
    // The first was heard before the second was said.
    stream.write_all(b"data: 2\n\n").await?;
    assert_eq!(heard.next().await?, Some(b"data: 2\n\n".to_vec()));
    stream.write_all(b"data: 3\n\n").await?;
    drop(stream);
    assert_eq!(heard.rest(9).await?.as_slice(), b"data: 3\n\n");
    assert_eq!(heard.next().await?, None);
    Ok(())
}

#[tokio::test]
async fn a_stream_without_a_head_is_given_up() -> Outcome {
    let (_listener, place) = silent()?;
    let http = Http::new(&Route::Direct, Leave::default())?;
    let opened = http
        .open_stream(&place, None, Duration::from_millis(20))
        .await;
    assert_eq!(opened.map(drop), Err(TransportError::Unreachable));
    Ok(())
}

#[test]
fn proxies_are_named_by_host_and_port() {
    let read = |text: &str| text.parse::<ProxyAddress>().is_ok();
    for text in [
        "127.0.0.1:9050",
        "localhost:9150",
        "[::1]:1080",
        "tor.lan:9050",
    ] {
        assert!(read(text), "{text}");
    }
    for text in [
        "",
        "localhost",
        "localhost:",
        "localhost:0",
        "localhost:70000",
        ":9050",
        "::1:9050",
        "user@localhost:9050",
        "user:word@localhost:9050",
        "localhost:9050/path",
        "localhost:9050?x",
        "socks5://localhost:9050",
        " localhost:9050",
    ] {
        assert!(!read(text), "{text}");
    }
}

/// Where a client wants to be connected to, as SOCKS5 says it: kind of address, address, port.
async fn shake_hands(stream: &mut TcpStream) -> io::Result<(u8, Vec<u8>, u16)> {
    let (_version, methods) = (stream.read_u8().await?, stream.read_u8().await?);
    stream.read_exact(&mut vec![0; methods.into()]).await?;
    stream.write_all(&[5, 0]).await?;
    let mut request = [0; 4];
    stream.read_exact(&mut request).await?;
    let length = match request[3] {
        1 => 4,
        3 => stream.read_u8().await?,
        _ => 16,
    };
    let mut address = vec![0; length.into()];
    stream.read_exact(&mut address).await?;
    let port = stream.read_u16().await?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    Ok((request[3], address, port))
}

#[tokio::test]
async fn a_proxy_is_given_names_and_carries_everything() -> Outcome {
    let proxy = TcpListener::bind("127.0.0.1:0").await?;
    let route = Route::Socks(proxy.local_addr()?.to_string().parse()?);
    let leave = Leave {
        plain_by_proxy: true,
        ..Leave::default()
    };
    let http = Http::new(&route, leave)?;
    let (listener, _) = silent()?;
    let port = listener.local_addr()?.port();

    let serving = async {
        let (mut stream, _) = proxy.accept().await?;
        let asked = shake_hands(&mut stream).await?;
        answer(stream, OK).await?;
        Ok::<_, io::Error>(asked)
    };
    let sending = http.send(get(format!("http://localhost:{port}/")));
    let (sent, asked) = tokio::join!(sending, serving);
    assert_eq!(sent?.status, 200);
    assert_eq!(asked?, (3, b"localhost".to_vec(), port));
    assert!(nobody_came(&listener));

    let serving = async {
        let (mut stream, _) = proxy.accept().await?;
        shake_hands(&mut stream).await
    };
    // Without that leave only what is sealed goes there.
    let http = Http::new(&route, Leave::default())?;
    let plain = http.send(get(format!("http://localhost:{port}/"))).await;
    assert_eq!(plain.map(drop), Err(TransportError::Unreachable));
    let opening = http.open_stream("https://node.example/api", None, TIMEOUT);
    let (opened, asked) = tokio::join!(opening, serving);
    assert_eq!(opened.map(drop), Err(TransportError::Unreachable));
    assert_eq!(asked?, (3, b"node.example".to_vec(), 443));
    assert!(nobody_came(&listener));
    Ok(())
}

#[tokio::test]
async fn nothing_goes_past_a_proxy_that_is_down() -> Outcome {
    let (listener, place) = silent()?;
    let (proxy, _) = silent()?;
    let route = Route::Socks(proxy.local_addr()?.to_string().parse()?);
    drop(proxy);
    let leave = Leave {
        plain_by_proxy: true,
        ..Leave::default()
    };
    let http = Http::new(&route, leave)?;
    for url in [place.clone(), place.replace("127.0.0.1", "localhost")] {
        let sent = http.send(get(url.clone())).await;
        assert_eq!(sent.map(drop), Err(TransportError::Unreachable));
        let opened = http.open_stream(&url, None, TIMEOUT).await;
        assert_eq!(opened.map(drop), Err(TransportError::Unreachable));
    }
    assert!(nobody_came(&listener));
    // It is the proxy that was missing.
    let direct = Http::new(&Route::Direct, Leave::default())?;
    let opened = direct
        .open_stream(&place, None, Duration::from_millis(20))
        .await;
    assert_eq!(opened.map(drop), Err(TransportError::Unreachable));
    assert!(!nobody_came(&listener));
    Ok(())
}

#[tokio::test]
async fn a_turn_ends_what_goes_by_the_route_before() -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let place = format!("http://{}", listener.local_addr()?);
    let (proxy, _) = silent()?;
    let route = Route::Socks(proxy.local_addr()?.to_string().parse()?);
    drop(proxy);
    let http = Http::new(&Route::Direct, Leave::default())?;

    // A stream that is open, and a request that waits for its answer.
    let opening = http.open_stream(&place, None, TIMEOUT);
    let serving = async {
        let (mut stream, _) = listener.accept().await?;
        hear(&mut stream).await?;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")
            .await?;
        Ok::<_, io::Error>(stream)
    };
    let (stream, served) = tokio::join!(opening, serving);
    let (mut stream, _kept) = (stream?, served?);
    assert_eq!(stream.next().await?, Some(b"{}".to_vec()));
    let turning = async {
        let (mut asked, _) = listener.accept().await?;
        hear(&mut asked).await?;
        http.turn(&route)?;
        Ok::<_, Box<dyn std::error::Error>>(asked)
    };
    let (sent, turned) = tokio::join!(http.send(get(place.clone())), turning);
    let _kept_too = turned?;
    assert_eq!(sent.map(drop), Err(TransportError::Unreachable));
    assert_eq!(stream.next().await, Err(TransportError::Unreachable));

    // From now on nothing reaches the server, until the route is straight again.
    let sent = http.send(get(place.clone())).await;
    assert_eq!(sent.map(drop), Err(TransportError::Unreachable));
    http.turn(&Route::Nowhere)?;
    let sent = http.send(get(place.clone())).await;
    assert_eq!(sent.map(drop), Err(TransportError::Unreachable));
    let opened = http.open_stream(&place, None, TIMEOUT).await;
    assert_eq!(opened.map(drop), Err(TransportError::Unreachable));
    let came = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(came.is_err(), "somebody came past the proxy");
    http.turn(&Route::Direct)?;
    let serving = async { answer(listener.accept().await?.0, OK).await };
    let (sent, served) = tokio::join!(http.send(get(place)), serving);
    served?;
    assert_eq!(sent?.status, 200);
    Ok(())
}

#[tokio::test]
async fn authorities_of_a_file_are_believed_and_others_are_not() -> Outcome {
    let mut params = rcgen::CertificateParams::new(Vec::new())?;
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, params.self_signed(&key)?.pem())?;
    let issuer = rcgen::Issuer::new(params, key);
    let server_key = rcgen::KeyPair::generate()?;
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()])?;
    let certificate = params.signed_by(&server_key, &issuer)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivatePkcs8KeyDer::from(server_key.serialize_der()).into(),
        )?;
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("https://localhost:{}/", listener.local_addr()?.port());
    let with = |path: &std::path::Path| Leave {
        authorities: Some(path.to_owned()),
        ..Leave::default()
    };
    for (leave, trusted) in [(with(&file), true), (Leave::default(), false)] {
        let http = Http::new(&Route::Direct, leave)?;
        let serving = async {
            let (stream, _) = listener.accept().await?;
            answer(acceptor.accept(stream).await?, OK).await
        };
        let (sent, served) = tokio::join!(http.send(get(url.clone())), serving);
        assert_eq!((sent.is_ok(), served.is_ok()), (trusted, trusted));
    }
    std::fs::write(&file, "no certificate")?;
    for path in [file.clone(), folder.path().join("absent.pem")] {
        assert!(matches!(
            Http::new(&Route::Direct, with(&path)),
            Err(HttpError::Authorities(_))
        ));
    }
    Ok(())
}
