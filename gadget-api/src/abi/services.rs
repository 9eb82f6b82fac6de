//! The services on both sides of the border.

#![deny(unsafe_code)]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use abi_stable::{
    sabi_trait::TD_Opaque,
    sabi_types::RRef,
    std_types::{RErr, ROk, RSlice, RStr},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    HostRef, HostServices, HostServices_TO, RawAnswer, RawResult, error_json, guard::guarded,
};
use crate::{
    Blob, BlobInfo, Chunks, DatasourceRef, Error, ErrorKind, LeaseId, LogLevel, Progress, Request,
    Response, ResponseHead, Services, Stream, ops,
};

/// The library's side: the services that a host lends, as an author sees them.
pub(super) struct Borrowed<'a> {
    host: HostRef<'a>,
}

impl<'a> Borrowed<'a> {
    pub(super) fn new(host: HostRef<'a>) -> Self {
        Self { host }
    }

    fn invoke<I: Serialize, O: DeserializeOwned>(
        &self,
        op: &str,
        input: &I,
        bulk: &[u8],
    ) -> Result<(O, Vec<u8>), Error> {
        let json = serde_json::to_vec(input).map_err(|error| broken(&error))?;
        match self.host.invoke(
            RStr::from_str(op),
            RSlice::from_slice(&json),
            RSlice::from_slice(bulk),
        ) {
            ROk(answer) => {
                let json = serde_json::from_slice(answer.json.as_slice())
                    .map_err(|error| broken(&error))?;
                Ok((json, answer.bulk.into_vec()))
            }
            RErr(error) => Err(read_error(error.as_slice())),
        }
    }
}

/// Reads an error as the other side wrote it.
pub(super) fn read_error(json: &[u8]) -> Error {
    serde_json::from_slice(json).unwrap_or_else(|error| broken(&error))
}

fn broken(error: &serde_json::Error) -> Error {
    Error::new(
        ErrorKind::Internal,
        format!("failed to read a message at the border: {error}"),
    )
}

impl Services for Borrowed<'_> {
    fn datasource(&self) -> Result<DatasourceRef, Error> {
        Ok(self.invoke(ops::DATASOURCE, &(), &[])?.0)
    }

    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        let (head, body) = self.invoke::<_, ResponseHead>(
            ops::FETCH,
            request,
            request.body().unwrap_or_default(),
        )?;
        Ok(Response { head, body })
    }

    fn open(&self, request: &Request) -> Result<Stream<'_>, Error> {
        let (answer, _) = self.invoke::<_, ops::StreamAnswer>(
            ops::OPEN,
            request,
            request.body().unwrap_or_default(),
        )?;
        Ok(Stream {
            head: answer.head,
            body: Box::new(Pieces {
                services: self,
                stream: answer.stream,
            }),
        })
    }

    fn blob_get(&self, name: &str) -> Result<Option<Blob>, Error> {
        let input = ops::BlobInput {
            name: name.to_owned(),
            expected: 0,
        };
        let (answer, bytes) = self.invoke::<_, ops::RevisionAnswer>(ops::BLOB_GET, &input, &[])?;
        Ok((answer.revision > 0).then_some(Blob {
            revision: answer.revision,
            bytes,
        }))
    }

    fn blob_put(&self, name: &str, bytes: &[u8], expected: u64) -> Result<u64, Error> {
        let input = ops::BlobInput {
            name: name.to_owned(),
            expected,
        };
        Ok(self
            .invoke::<_, ops::RevisionAnswer>(ops::BLOB_PUT, &input, bytes)?
            .0
            .revision)
    }

    fn blob_list(&self, prefix: &str) -> Result<Vec<BlobInfo>, Error> {
        let input = ops::BlobInput {
            name: prefix.to_owned(),
            expected: 0,
        };
        Ok(self.invoke(ops::BLOB_LIST, &input, &[])?.0)
    }

    fn blob_remove(&self, name: &str) -> Result<(), Error> {
        let input = ops::BlobInput {
            name: name.to_owned(),
            expected: 0,
        };
        Ok(self.invoke(ops::BLOB_REMOVE, &input, &[])?.0)
    }

    fn lease(&self, key: &str, ttl: Duration) -> Result<Option<LeaseId>, Error> {
        Ok(self
            .invoke::<_, ops::LeaseAnswer>(ops::LEASE, &ops::LeaseInput::new(key, ttl), &[])?
            .0
            .lease)
    }

    fn release(&self, lease: LeaseId) {
        // A lease that could not be released ends by itself.
        let _ = self.invoke::<_, ()>(ops::RELEASE, &lease, &[]);
    }

    fn log(&self, level: LogLevel, message: &str) {
        self.host.log(level as u8, RStr::from_str(message));
    }

    fn progress(&self, progress: &Progress) {
        // Progress is only informative; a failure to deliver it is ignored.
        let _ = self.invoke::<_, ()>(ops::PROGRESS, progress, &[]);
    }

    fn is_cancelled(&self) -> bool {
        self.host.is_cancelled()
    }

    fn remaining(&self) -> Duration {
        Duration::from_millis(self.host.remaining_ms())
    }
}

/// A stream on the host's side.
struct Pieces<'s, 'a> {
    services: &'s Borrowed<'a>,
    stream: u64,
}

impl Chunks for Pieces<'_, '_> {
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let input = ops::StreamInput {
            stream: self.stream,
        };
        let (answer, bytes) =
            self.services
                .invoke::<_, ops::ChunkAnswer>(ops::NEXT, &input, &[])?;
        Ok((!answer.is_end).then_some(bytes))
    }
}

impl Drop for Pieces<'_, '_> {
    fn drop(&mut self) {
        // A stream that is not closed here ends with the call.
        let _ = self.services.invoke::<_, ()>(
            ops::CLOSE,
            &ops::StreamInput {
                stream: self.stream,
            },
            &[],
        );
    }
}

type SharedChunks<'a> = Arc<Mutex<Box<dyn Chunks + 'a>>>;

/// The host's side: services lent for one call, with the streams that the call has open.
pub(super) struct Lent<'a> {
    services: &'a dyn Services,
    streams: Mutex<HashMap<u64, SharedChunks<'a>>>,
    next_stream: AtomicU64,
}

impl<'a> Lent<'a> {
    pub(super) fn new(services: &'a dyn Services) -> Self {
        Self {
            services,
            streams: Mutex::default(),
            next_stream: AtomicU64::new(1),
        }
    }

    /// Lends the services as they cross the border.
    pub(super) fn lend(&self) -> HostRef<'_> {
        HostServices_TO::from_ptr(RRef::new(self), TD_Opaque)
    }

    fn streams(&self) -> MutexGuard<'_, HashMap<u64, SharedChunks<'a>>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, op: &str, json: &[u8], bulk: &[u8]) -> Result<RawAnswer, Error> {
        let services = self.services;
        match op {
            ops::DATASOURCE => answered(&services.datasource()?, Vec::new()),
            ops::FETCH => {
                let response = services.fetch(&request(json, bulk)?)?;
                answered(&response.head, response.body)
            }
            ops::OPEN => {
                let Stream { head, body } = services.open(&request(json, bulk)?)?;
                let stream = self.next_stream.fetch_add(1, Ordering::Relaxed);
                self.streams().insert(stream, Arc::new(Mutex::new(body)));
                answered(&ops::StreamAnswer { stream, head }, Vec::new())
            }
            ops::NEXT => {
                let input: ops::StreamInput = read(json)?;
                let chunks = self.streams().get(&input.stream).cloned();
                let chunks = chunks
                    .ok_or_else(|| Error::new(ErrorKind::NotFound, "the stream is closed"))?;
                // The map is not locked while waiting for a piece, so other streams continue.
                let piece = chunks
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .next_chunk()?;
                answered(
                    &ops::ChunkAnswer {
                        is_end: piece.is_none(),
                    },
                    piece.unwrap_or_default(),
                )
            }
            ops::CLOSE => {
                let input: ops::StreamInput = read(json)?;
                let closed = self.streams().remove(&input.stream);
                drop(closed);
                answered(&(), Vec::new())
            }
            ops::BLOB_GET => {
                let input: ops::BlobInput = read(json)?;
                let blob = services.blob_get(&input.name)?.unwrap_or(Blob {
                    revision: 0,
                    bytes: Vec::new(),
                });
                answered(
                    &ops::RevisionAnswer {
                        revision: blob.revision,
                    },
                    blob.bytes,
                )
            }
            ops::BLOB_PUT => {
                let input: ops::BlobInput = read(json)?;
                answered(
                    &ops::RevisionAnswer {
                        revision: services.blob_put(&input.name, bulk, input.expected)?,
                    },
                    Vec::new(),
                )
            }
            ops::BLOB_LIST => answered(
                &services.blob_list(&read::<ops::BlobInput>(json)?.name)?,
                Vec::new(),
            ),
            ops::BLOB_REMOVE => answered(
                &services.blob_remove(&read::<ops::BlobInput>(json)?.name)?,
                Vec::new(),
            ),
            ops::LEASE => {
                let input: ops::LeaseInput = read(json)?;
                let lease = services.lease(&input.key, Duration::from_millis(input.ttl_ms))?;
                answered(&ops::LeaseAnswer { lease }, Vec::new())
            }
            ops::RELEASE => {
                services.release(read(json)?);
                answered(&(), Vec::new())
            }
            ops::PROGRESS => {
                services.progress(&read(json)?);
                answered(&(), Vec::new())
            }
            _ => Err(Error::new(
                ErrorKind::Unsupported,
                format!("the service `{op}` is unknown to this host"),
            )),
        }
    }
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|error| broken(&error))
}

fn request(json: &[u8], body: &[u8]) -> Result<Request, Error> {
    let request: Request = read(json)?;
    let has_body = request.method() == crate::Method::Post;
    Ok(request.with_body(has_body.then(|| body.to_vec())))
}

fn answered<T: Serialize>(value: &T, bulk: Vec<u8>) -> Result<RawAnswer, Error> {
    let json = serde_json::to_vec(value).map_err(|error| broken(&error))?;
    Ok(RawAnswer::new(json, bulk))
}

impl HostServices for Lent<'_> {
    fn log(&self, level: u8, message: RStr<'_>) {
        let level = match level {
            0 => LogLevel::Debug,
            1 => LogLevel::Info,
            2 => LogLevel::Warn,
            _ => LogLevel::Error,
        };
        let _ = guarded("the host's log", || {
            self.services.log(level, message.as_str());
            Ok(())
        });
    }

    fn is_cancelled(&self) -> bool {
        // If the host cannot say, the call counts as cancelled.
        guarded("the host's cancellation", || {
            Ok(self.services.is_cancelled())
        })
        .unwrap_or(true)
    }

    fn remaining_ms(&self) -> u64 {
        let remaining =
            guarded("the host's clock", || Ok(self.services.remaining())).unwrap_or(Duration::ZERO);
        u64::try_from(remaining.as_millis()).unwrap_or(u64::MAX)
    }

    fn invoke(
        &self,
        op: RStr<'_>,
        json: RSlice<'_, u8>,
        bulk: RSlice<'_, u8>,
    ) -> RawResult<RawAnswer> {
        let op = op.as_str();
        match guarded(&format!("the host's service `{op}`"), || {
            self.answer(op, json.as_slice(), bulk.as_slice())
        }) {
            Ok(answer) => ROk(answer),
            Err(error) => RErr(error_json(&error)),
        }
    }
}
