//! Which way the account's requests go to nodes: chosen by the user, for this host alone.
//!
//! The file `route.json` holds it; its form is in `docs/FORMATS.md`. Without one requests go straight.
//!
//! **Invariant:** a file that cannot be read is no leave to go straight: then nothing goes.

use std::{io, time::Duration};

use proto::bridge::popup::NodeRoute;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::transport::{ProxyAddress, Route};
use crate::place::Place;

/// In the host's folder.
const NAME: &str = "route.json";
const FORMAT: &str = "pearvault-route";
const VERSION: u32 = 1;
/// How long a proxy has to say that it is one.
const GREETING: Duration = Duration::from_secs(3);
/// SOCKS version 5, one method: no authentication (RFC 1928, section 3); and the answer that takes it.
const HELLO: [u8; 3] = [5, 1, 0];
const TAKEN: [u8; 2] = [5, 0];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    version: u32,
    /// `host:port`; `None`: straight.
    socks5: Option<String>,
}

/// What was chosen last.
pub fn read(place: &Place) -> Route {
    let Ok(content) = place.read(NAME) else {
        return Route::Nowhere;
    };
    let Some(content) = content else {
        return Route::Direct;
    };
    match serde_json::from_slice::<File>(&content) {
        Ok(file) if file.format == FORMAT && file.version == VERSION => match file.socks5 {
            None => Route::Direct,
            Some(proxy) => proxy.parse().map_or(Route::Nowhere, Route::Socks),
        },
        _ => Route::Nowhere,
    }
}

/// Writes down what is chosen, whole or not at all.
///
/// # Errors
/// As the file system has them; then what was chosen before still is.
pub fn write(place: &Place, proxy: Option<&ProxyAddress>) -> io::Result<()> {
    let file = File {
        format: FORMAT.to_owned(),
        version: VERSION,
        socks5: proxy.map(ToString::to_string),
    };
    place.write(NAME, &serde_json::to_vec(&file)?)
}

/// As the user is told of it.
pub fn told(route: &Route) -> NodeRoute {
    match route {
        Route::Direct => NodeRoute::Direct {},
        Route::Socks(proxy) => NodeRoute::Proxy {
            address: proxy.to_string(),
        },
        Route::Nowhere => NodeRoute::Nowhere {},
    }
}

/// Whether a SOCKS5 proxy that asks for no password listens there now.
pub async fn answers(proxy: &ProxyAddress) -> bool {
    let greeting = async {
        let mut stream = TcpStream::connect(proxy.to_string()).await?;
        stream.write_all(&HELLO).await?;
        let mut answer = [0; 2];
        stream.read_exact(&mut answer).await?;
        Ok::<_, io::Error>(answer == TAKEN)
    };
    matches!(timeout(GREETING, greeting).await, Ok(Ok(true)))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn what_was_chosen_is_found_again_and_nothing_goes_where_it_is_not() -> Outcome {
        let folder = tempfile::tempdir()?;
        let place = Place::at(folder.path())?;
        assert_eq!(read(&place), Route::Direct);
        let proxy: ProxyAddress = "127.0.0.1:9050".parse()?;
        write(&place, Some(&proxy))?;
        assert_eq!(read(&place), Route::Socks(proxy));
        for damaged in [
            "",
            "{}",
            r#"{"format":"pearvault-route","version":2,"socks5":null}"#,
            r#"{"format":"pearvault-route","version":1,"socks5":"9050"}"#,
            r#"{"format":"pearvault-route","version":1,"socks5":null,"http":"a:1"}"#,
            r#"{"format":"another","version":1,"socks5":null}"#,
        ] {
            place.write(NAME, damaged.as_bytes())?;
            assert_eq!(read(&place), Route::Nowhere, "{damaged}");
        }
        write(&place, None)?;
        assert_eq!(read(&place), Route::Direct);
        std::fs::remove_file(place.file(NAME))?;
        std::fs::create_dir(place.file(NAME))?;
        assert_eq!(read(&place), Route::Nowhere);
        Ok(())
    }

    #[tokio::test]
    async fn a_proxy_is_one_that_greets_back() -> Outcome {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy: ProxyAddress = listener.local_addr()?.to_string().parse()?;
        for (says, is_one) in [
            (&[5, 0][..], true),
            (&[5, 2], false),
            (&[5, 255], false),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", false),
            (&[5], false),
        ] {
            let serving = async {
                let (mut stream, _) = listener.accept().await?;
                stream.read_exact(&mut [0; 3]).await?;
                stream.write_all(says).await
            };
            let (found, served) = tokio::join!(answers(&proxy), serving);
            served?;
            assert_eq!(found, is_one, "{says:?}");
        }
        drop(listener);
        assert!(!answers(&proxy).await);
        Ok(())
    }
}
