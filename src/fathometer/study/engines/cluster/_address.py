"""The form of a scheduler's address, looked at before a client is made: Dask's own is not closed if it is wrong."""

from fathometer.evidence import InputError

_HIGHEST_PORT = 65_535
_WITH_CERTIFICATES = ("tls", "wss")


def check_address(address: str) -> None:
    """Refuse what cannot be the address of a scheduler.

    Raises:
        InputError: if the protocol is not one of Dask's, a port is missing, or there are no certificates for it.
    """
    from distributed.comm.addressing import get_address_host_port, parse_address

    try:
        protocol, (host, port) = parse_address(address)[0], get_address_host_port(address)
        host.encode("idna")
        wrong = "" if host and 0 < port <= _HIGHEST_PORT else f"it needs a host, and a port from 1 to {_HIGHEST_PORT}"
    except ValueError as error:
        protocol, wrong = "", str(error)
    if wrong:
        raise InputError(f"{address!r} is no address of a scheduler, such as tcp://host:8786: {wrong}")
    if protocol in _WITH_CERTIFICATES and not _has_certificates():
        raise InputError(f"{address} needs certificates: name them in Dask's configuration, distributed.comm.tls")


def _has_certificates() -> bool:
    from distributed.security import Security

    return Security().get_connection_args("client").get("ssl_context") is not None
