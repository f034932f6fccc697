//! Where the file's bytes go on their way out: counted, hashed, packed, and taken piece by piece.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// A piece is handed on when it has so many bytes.
const PIECE: usize = 64 * 1024;

/// Whether and what for bytes are packed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Packing {
    /// They are not.
    None,
    /// The file is a packed one.
    File,
    /// Only on the way: the recipient unpacks them, and has a file that is not.
    Transfer,
}

/// The bytes that have not been taken yet, and what is known of all of them.
#[derive(Debug)]
pub(crate) struct Sink {
    pieces: Pieces,
    packing: Packing,
    /// Of the file on the recipient's disk.
    hash: Sha256,
    bytes: u64,
}

#[derive(Debug)]
enum Pieces {
    Plain(Vec<u8>),
    Packed(Box<GzEncoder<Vec<u8>>>),
}

impl Sink {
    pub(crate) fn new(packing: Packing) -> Self {
        let piece = Vec::with_capacity(PIECE + PIECE / 8);
        let pieces = match packing {
            Packing::None => Pieces::Plain(piece),
            // The network is slower than the fastest level; the better ones cost more time than they save.
            Packing::File | Packing::Transfer => {
                Pieces::Packed(Box::new(GzEncoder::new(piece, Compression::fast())))
            }
        };
        Self {
            pieces,
            packing,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    /// Whether there is a piece to take.
    pub(crate) fn is_full(&self) -> bool {
        match &self.pieces {
            Pieces::Plain(piece) => piece.len() >= PIECE,
            Pieces::Packed(packer) => packer.get_ref().len() >= PIECE,
        }
    }

    /// Takes what there is.
    pub(crate) fn take(&mut self) -> Bytes {
        let piece = match &mut self.pieces {
            Pieces::Plain(piece) => piece,
            Pieces::Packed(packer) => packer.get_mut(),
        };
        let taken = std::mem::replace(piece, Vec::with_capacity(PIECE + PIECE / 8));
        if self.packing == Packing::File {
            self.count(&taken);
        }
        Bytes::from(taken)
    }

    /// Ends the packing, as that of a whole file.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match &mut self.pieces {
            Pieces::Plain(_) => Ok(()),
            Pieces::Packed(packer) => packer.try_finish(),
        }
    }

    /// How many bytes were taken, of the file on the recipient's disk.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of these bytes in lower-case hex.
    pub(crate) fn sha256(&self) -> String {
        let hash = self.hash.clone().finalize();
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn count(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.pieces {
            Pieces::Plain(piece) => piece.extend_from_slice(bytes),
            Pieces::Packed(packer) => packer.write_all(bytes)?,
        }
        if self.packing != Packing::File {
            self.count(bytes);
        }
        Ok(bytes.len())
    }

    /// So that all that was written can be unpacked, although it does not end there.
    fn flush(&mut self) -> io::Result<()> {
        match &mut self.pieces {
            Pieces::Plain(_) => Ok(()),
            Pieces::Packed(packer) => packer.flush(),
        }
    }
}
