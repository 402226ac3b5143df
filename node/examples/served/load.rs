//! The same request again and again over connections that stay, by a client that costs next to nothing: what is measured is who answers.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::Instant,
};

use crate::client::Outcome;

/// Connections at once, each with one request under way.
const CONNECTIONS: usize = 64;
/// Bytes of an answer.
const ANSWER_MAX: usize = 16 << 10;

/// Answers a second to `body`, sent as JSON; `expected` is what stands in each of them.
pub(crate) async fn answers_per_second(
    server: SocketAddr,
    path: &str,
    body: &str,
    expected: &'static str,
    time: Duration,
) -> Outcome<f64> {
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {server}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    let mut running = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let request = request.clone().into_bytes();
        running.spawn(async move {
            let mut stream = TcpStream::connect(server).await?;
            stream.set_nodelay(true)?;
            let mut buffer = vec![0; ANSWER_MAX];
            let began = Instant::now();
            let mut done = 0.0;
            while began.elapsed() < time {
                stream.write_all(&request).await?;
                let answer = answer(&mut stream, &mut buffer).await?;
                if !answer.contains(expected) {
                    return Err(answer.into());
                }
                done += 1.0;
            }
            Outcome::Ok(done)
        });
    }
    let mut sum = 0.0;
    while let Some(done) = running.join_next().await {
        sum += done??;
    }
    Ok(sum / time.as_secs_f64())
}

/// One answer: head, and as much body as its head says.
async fn answer<'a>(stream: &mut TcpStream, buffer: &'a mut [u8]) -> Outcome<&'a str> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        if read == 0 {
            return Err("the connection ended".into());
        }
        filled += read;
        let text = std::str::from_utf8(&buffer[..filled])?;
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .split("\r\n")
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.ok_or("no length")?.parse()?;
        if body.len() >= length {
            return Ok(std::str::from_utf8(&buffer[..filled])?);
        }
    }
}
