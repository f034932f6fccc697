//! A simulator that listens on a loopback port.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Simulator;

/// A listening simulator; it stops when this is dropped, on open connections too.
pub struct Running {
    address: SocketAddr,
    task: JoinHandle<io::Result<()>>,
    stopped: Arc<AtomicBool>,
}

impl Running {
    /// Where it listens, such as `http://127.0.0.1:40123`: both the instance URL and Entra's host.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.task.abort();
    }
}

impl Simulator {
    /// Serves until the future is dropped.
    ///
    /// # Errors
    ///
    /// When the listener is not on loopback: the control surface has no lock. Otherwise as
    /// [`axum::serve()`].
    pub async fn serve(&self, listener: TcpListener) -> io::Result<()> {
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "the simulator listens on loopback only, not on {address}: its control \
                     surface lets anybody change the data"
                ),
            ));
        }
        axum::serve(listener, self.router()).await
    }

    /// Listens on a free port of 127.0.0.1, in the background.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub async fn start(&self) -> io::Result<Running> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let stopped = Arc::new(AtomicBool::new(false));
        let router = self.router().layer(middleware::from_fn_with_state(
            Arc::clone(&stopped),
            unless_stopped,
        ));
        let task = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Running {
            address,
            task,
            stopped,
        })
    }
}

/// Ends a connection that outlived its simulator.
async fn unless_stopped(
    State(stopped): State<Arc<AtomicBool>>,
    request: Request,
    next: Next,
) -> Response {
    if stopped.load(Ordering::Relaxed) {
        let gone = io::Error::new(
            io::ErrorKind::ConnectionAborted,
            "the simulator has stopped",
        );
        return Response::new(Body::from_stream(stream::iter([Err::<Bytes, _>(gone)])));
    }
    next.run(request).await
}
