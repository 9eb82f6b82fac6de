//! The second step: a complete ELF library for this machine.
//!
//! The system's loader maps what the headers say without checking the size of the file, so a truncated
//! file crashes the process when a missing page is accessed.

use gadget_api::__abi::ROOT_SYMBOL;
use object::{
    Endianness,
    elf::{self, FileHeader32, FileHeader64, Machine},
    read::elf::{FileHeader, ProgramHeader, Sym},
};

use super::LoadError;

/// The machine that this host runs on, if libraries can be loaded there.
const MACHINE: Option<(Machine, &str)> = if cfg!(target_arch = "x86_64") {
    Some((elf::EM_X86_64, "x86_64"))
} else if cfg!(target_arch = "aarch64") {
    Some((elf::EM_AARCH64, "aarch64"))
} else if cfg!(target_arch = "riscv64") {
    Some((elf::EM_RISCV, "riscv64"))
} else if cfg!(target_arch = "x86") {
    Some((elf::EM_386, "x86"))
} else if cfg!(target_arch = "arm") {
    Some((elf::EM_ARM, "arm"))
} else {
    None
};

/// Checks that `bytes` are a complete ELF library for this machine that exports the root symbol.
pub(super) fn check(bytes: &[u8]) -> Result<(), LoadError> {
    let not_elf = |what: &str| LoadError::NotElf {
        what: what.to_owned(),
    };
    match bytes {
        [] => return Err(not_elf("it is empty")),
        [0x7f, b'E', b'L', b'F', class, order, ..] => {
            let is_64 = *class == elf::ELFCLASS64.0;
            if is_64 != cfg!(target_pointer_width = "64") {
                return Err(other_machine("the size of its addresses differs"));
            }
            let is_little = *order == elf::ELFDATA2LSB.0;
            if is_little != cfg!(target_endian = "little") {
                return Err(other_machine("the order of its bytes differs"));
            }
        }
        _ => return Err(not_elf("it is not an ELF file")),
    }
    if cfg!(target_pointer_width = "64") {
        check_class::<FileHeader64<Endianness>>(bytes)
    } else {
        check_class::<FileHeader32<Endianness>>(bytes)
    }
}

fn other_machine(what: &str) -> LoadError {
    LoadError::OtherMachine {
        what: what.to_owned(),
    }
}

fn check_class<H: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<(), LoadError> {
    let cut = |what: String| LoadError::Truncated { what };
    let header = H::parse(bytes).map_err(|_| cut("its header is incomplete".to_owned()))?;
    let endian = header
        .endian()
        .map_err(|_| other_machine("the order of its bytes is not known"))?;
    let machine = header.e_machine(endian);
    match MACHINE {
        Some((ours, _)) if ours == machine => {}
        Some((_, name)) => {
            return Err(LoadError::OtherMachine {
                what: format!("its machine number is {}, this host is {name}", machine.0),
            });
        }
        None => return Err(other_machine("this host cannot load libraries at all")),
    }
    if header.e_type(endian) != elf::ET_DYN {
        return Err(LoadError::NotElf {
            what: "it is an ELF file of another type".to_owned(),
        });
    }
    segments(header, endian, bytes)?;
    sections(header, endian, bytes)
}

/// Checks that every segment that the loader maps lies inside the file.
fn segments<H: FileHeader<Endian = Endianness>>(
    header: &H,
    endian: Endianness,
    bytes: &[u8],
) -> Result<(), LoadError> {
    let segments = header
        .program_headers(endian, bytes)
        .map_err(|_| LoadError::Truncated {
            what: "its table of segments lies outside the file".to_owned(),
        })?;
    let mut has_code = false;
    for (index, segment) in segments.iter().enumerate() {
        let (offset, in_file, in_memory): (u64, u64, u64) = (
            segment.p_offset(endian).into(),
            segment.p_filesz(endian).into(),
            segment.p_memsz(endian).into(),
        );
        let is_mapped = segment.p_type(endian) == elf::PT_LOAD;
        has_code |= is_mapped;
        let is_inside = offset
            .checked_add(in_file)
            .is_some_and(|end| end <= bytes.len() as u64);
        if !is_inside || (is_mapped && in_file > in_memory) {
            return Err(LoadError::Truncated {
                what: format!("its segment {index} lies outside the file"),
            });
        }
    }
    if !has_code {
        return Err(LoadError::NotElf {
            what: "it has nothing to load".to_owned(),
        });
    }
    Ok(())
}

/// Checks that the table of sections, if there is one, is complete and lists the root symbol.
fn sections<H: FileHeader<Endian = Endianness>>(
    header: &H,
    endian: Endianness,
    bytes: &[u8],
) -> Result<(), LoadError> {
    let cut = |_| LoadError::Truncated {
        what: "its table of sections lies outside the file".to_owned(),
    };
    if header
        .section_headers(endian, bytes)
        .map_err(cut)?
        .is_empty()
    {
        return Ok(());
    }
    let sections = header.sections(endian, bytes).map_err(cut)?;
    let symbols = sections
        .symbols(endian, bytes, elf::SHT_DYNSYM)
        .map_err(cut)?;
    if symbols.is_empty() {
        return Ok(());
    }
    // Code of a library runs as soon as the system loads it, so other libraries are refused before.
    let has_root = symbols.iter().any(|symbol| {
        !symbol.is_undefined(endian)
            && symbol
                .name(endian, symbols.strings())
                .is_ok_and(|name| name == ROOT_SYMBOL.as_bytes())
    });
    if has_root {
        return Ok(());
    }
    Err(LoadError::NotAGadgetLibrary {
        detail: format!("the library exports no symbol `{ROOT_SYMBOL}`"),
    })
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::PathBuf};

    use super::*;

    /// The bytes of the system's mathematics library: a real library without gadgets.
    fn libm() -> Vec<u8> {
        let places = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"].map(PathBuf::from);
        let arch = env::consts::ARCH;
        let found = places
            .iter()
            .flat_map(|place| [place.clone(), place.join(format!("{arch}-linux-gnu"))])
            .find_map(|place| fs::read(place.join("libm.so.6")).ok());
        found.expect("the tests run on a system with a libm.so.6")
    }

    fn text(bytes: &[u8]) -> String {
        check(bytes).unwrap_err().to_string()
    }

    #[test]
    fn the_systems_mathematics_are_no_gadget_library() {
        assert_eq!(text(&libm()), "it is not a gadget library");
    }

    #[test]
    fn a_library_cut_anywhere_is_refused_before_it_is_loaded() {
        let whole = libm();
        for tenth in 0..10 {
            let cut = &whole[..whole.len() * tenth / 10];
            assert!(
                matches!(
                    check(cut),
                    Err(LoadError::Truncated { .. } | LoadError::NotElf { .. })
                ),
                "cut to {tenth} tenths"
            );
        }
        // The table of sections follows the last segment.
        for missing in [1, 64, 1000] {
            assert_eq!(
                text(&whole[..whole.len() - missing]),
                "it is truncated or damaged: its table of sections lies outside the file"
            );
        }
    }

    #[test]
    fn what_is_no_library_for_this_machine_says_so() {
        let whole = libm();
        let with = |at: usize, byte: u8| {
            let mut changed = whole.clone();
            changed[at] = byte;
            changed
        };
        let other = "it was built for another machine";
        for (bytes, expected) in [
            (
                Vec::new(),
                "it is not a shared library: it is empty".to_owned(),
            ),
            (
                b"#!/bin/sh\n".to_vec(),
                "it is not a shared library: it is not an ELF file".to_owned(),
            ),
            (
                with(4, 1),
                format!("{other}: the size of its addresses differs"),
            ),
            (
                with(5, 2),
                format!("{other}: the order of its bytes differs"),
            ),
            (
                with(16, 2),
                "it is not a shared library: it is an ELF file of another type".to_owned(),
            ),
            (
                with(18, 8),
                format!(
                    "{other}: its machine number is 8, this host is {}",
                    env::consts::ARCH
                ),
            ),
        ] {
            assert_eq!(text(&bytes), expected);
        }
    }
}
