"""Where other machines of the network reach this one."""

from __future__ import annotations

from PySide6.QtNetwork import QAbstractSocket, QHostAddress, QNetworkInterface

_UP = QNetworkInterface.InterfaceFlag.IsUp | QNetworkInterface.InterfaceFlag.IsRunning
_IPV4 = QAbstractSocket.NetworkLayerProtocol.IPv4Protocol
_MOST = 3


def own_addresses(*, ipv6: bool) -> tuple[str, ...]:
    """The first few addresses of this machine that are not its own alone; those of IPv4 come first.

    Args:
        ipv6: whether those of IPv6 are among them.
    """
    found = [
        address.ip()
        for interface in QNetworkInterface.allInterfaces()
        if interface.flags() & _UP == _UP
        and not interface.flags() & QNetworkInterface.InterfaceFlag.IsLoopBack
        for address in interface.addressEntries()
        if not address.ip().isLinkLocal() and (ipv6 or address.ip().protocol() == _IPV4)
    ]
    found.sort(key=lambda ip: ip.protocol() != _IPV4)
    return tuple(_written(ip) for ip in found[:_MOST])


def _written(ip: QHostAddress) -> str:
    text = ip.toString()
    return f"[{text}]" if ":" in text else text
