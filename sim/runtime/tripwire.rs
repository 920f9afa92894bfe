//! The tripwire: `connect(2)` and `getaddrinfo(3)` fail inside a run, and the run says whose code tried. Knows no model.
//!
//! As madsim does for clocks and randomness, this defines symbols of libc anew: code that is linked into the same
//! program calls these, and outside of a run they hand over to libc's own.
#![allow(unsafe_code, reason = "symbols of libc have C's calling convention and C's pointers")]

use crate::world::Inside;
use libc::{addrinfo, c_char, c_int, sockaddr, socklen_t};
use std::ffi::CStr;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::LazyLock;

type Connect = unsafe extern "C" fn(c_int, *const sockaddr, socklen_t) -> c_int;
type GetAddrInfo = unsafe extern "C" fn(*const c_char, *const c_char, *const addrinfo, *mut *mut addrinfo) -> c_int;

/// Libc's own.
static CONNECT: LazyLock<Connect> = LazyLock::new(|| {
    // SAFETY: the name ends in a zero; libc's symbol of this name has this type.
    unsafe { std::mem::transmute::<*mut libc::c_void, Connect>(next(c"connect")) }
});
static GETADDRINFO: LazyLock<GetAddrInfo> = LazyLock::new(|| {
    // SAFETY: as above.
    unsafe { std::mem::transmute::<*mut libc::c_void, GetAddrInfo>(next(c"getaddrinfo")) }
});

/// The symbol of this name in the libraries behind this program.
fn next(name: &CStr) -> *mut libc::c_void {
    // SAFETY: `dlsym` reads a string that ends in a zero, which a `CStr` does.
    let found = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
    assert!(!found.is_null(), "libc has no {name:?}");
    found
}

const REMEDY: &str = "a simulated run reaches nothing real: ask the run's model through the agent's handle, or replay a \
                      cassette; whatever needs a network belongs before or after the run";

/// Connects, outside of a run. Inside it fails with `EPERM`, as behind a firewall.
///
/// # Safety
/// As connect(2): `address` points to `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn connect(socket: c_int, address: *const sockaddr, length: socklen_t) -> c_int {
    let Some(inside) = Inside::now() else {
        // SAFETY: what the caller promised libc's function.
        return unsafe { CONNECT(socket, address, length) };
    };
    // SAFETY: the caller promised that so many bytes are there.
    let shown = unsafe { shown(address, length) };
    inside.trespasses(format!("tried to connect to {shown}: {REMEDY}"));
    // SAFETY: the place of this thread's error number, which is always there.
    unsafe { *errno() = libc::EPERM };
    -1
}

/// Looks a host up, outside of a run. Inside it fails as for a host that nobody knows.
///
/// # Safety
/// As getaddrinfo(3): the names are null or end in a zero, `found` can be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn getaddrinfo(
    node: *const c_char,
    service: *const c_char,
    hints: *const addrinfo,
    found: *mut *mut addrinfo,
) -> c_int {
    let Some(inside) = Inside::now() else {
        // SAFETY: what the caller promised libc's function.
        return unsafe { GETADDRINFO(node, service, hints, found) };
    };
    let host = if node.is_null() {
        "a service of this machine".to_owned()
    } else {
        // SAFETY: the caller promised a string that ends in a zero.
        unsafe { CStr::from_ptr(node) }.to_string_lossy().into_owned()
    };
    inside.trespasses(format!("tried to look up {host}: {REMEDY}"));
    libc::EAI_FAIL
}

/// An address as people write it.
///
/// # Safety
/// `address` is null or points to `length` bytes.
unsafe fn shown(address: *const sockaddr, length: socklen_t) -> String {
    let length = length as usize;
    if address.is_null() || length < size_of::<libc::sa_family_t>() * 2 {
        return "an address of no family".to_owned();
    }
    // SAFETY: the family stands within the first bytes, whose number was just compared.
    let family = c_int::from(unsafe { (&raw const (*address).sa_family).read_unaligned() });
    match family {
        libc::AF_INET if length >= size_of::<libc::sockaddr_in>() => {
            // SAFETY: so many bytes are there, and every pattern of bits is a value of this type.
            let it = unsafe { address.cast::<libc::sockaddr_in>().read_unaligned() };
            let ip = Ipv4Addr::from(u32::from_be(it.sin_addr.s_addr));
            SocketAddr::from((ip, u16::from_be(it.sin_port))).to_string()
        }
        libc::AF_INET6 if length >= size_of::<libc::sockaddr_in6>() => {
            // SAFETY: as above.
            let it = unsafe { address.cast::<libc::sockaddr_in6>().read_unaligned() };
            SocketAddr::from((Ipv6Addr::from(it.sin6_addr.s6_addr), u16::from_be(it.sin6_port))).to_string()
        }
        libc::AF_UNIX => "a socket of this machine".to_owned(),
        other => format!("an address of family {other}"),
    }
}

#[cfg(target_os = "linux")]
fn errno() -> *mut c_int {
    // SAFETY: has no preconditions.
    unsafe { libc::__errno_location() }
}

#[cfg(target_os = "macos")]
fn errno() -> *mut c_int {
    // SAFETY: has no preconditions.
    unsafe { libc::__error() }
}
