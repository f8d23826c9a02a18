#!/bin/bash
# The gateway of a site: phones on LAN_IF reach SIP and media of the phone system through a
# tunnel, and nothing else. Each command may be given again; twice is once.
#
#   gateway.sh install     copy to /etc/ringfence-site, start now and at each start (root)
#   gateway.sh up | down   tunnel, rules, addresses
#   gateway.sh dhcp        serve addresses to the phones, in the foreground
#   gateway.sh health      is it well? exit status 0 or 1; --mend looks the name up again
#   gateway.sh uninstall   everything away again
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C
umask 077
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
HOME_DIR=/etc/ringfence-site
RUN=${RINGFENCE_SITE_RUN:-/run/ringfence-site}
UNITS="ringfence-site.service ringfence-site-dhcp.service ringfence-site-health.timer"
. "$HERE/site.conf"

say() { echo "ringfence-site: $*"; }
die() { echo "ringfence-site: $*" >&2; exit 1; }
filled() { sed -e "s/@LAN_IF@/$LAN_IF/g" -e "s/@SSH_FROM_LAN@/$SSH_FROM_LAN/g" "$HERE/$1"; }

check() {
    [ "$(id -u)" = 0 ] || die "this takes root: use sudo"
    ip link show dev "$LAN_IF" >/dev/null 2>&1 ||
        die "no interface $LAN_IF: say in $HERE/site.conf which one the phones are on (ip link)"
    for program in wg nft ip sed; do
        command -v "$program" >/dev/null || die "$program is missing: apt install wireguard-tools nftables"
    done
}

up() {
    check
    mkdir -p "$RUN"
    # Whoever set this up over SSH through the phones' network stays connected.
    filled site.nft | nft -f -
    sysctl -qw net.ipv4.ip_forward=1
    if ! ip link show dev "$TUNNEL_IF" >/dev/null 2>&1; then
        ip link add dev "$TUNNEL_IF" type wireguard 2>/dev/null ||
            LOG_LEVEL=silent wireguard-go "$TUNNEL_IF" >/dev/null 2>&1 </dev/null ||
            die "no WireGuard in this kernel, and no wireguard-go: apt install wireguard-go"
    fi
    wg syncconf "$TUNNEL_IF" "$HERE/tunnel.conf"
    ip address replace "$TUNNEL_ADDRESS/32" dev "$TUNNEL_IF"
    ip link set dev "$TUNNEL_IF" mtu "$MTU" up
    ip route replace "$PBX/32" dev "$TUNNEL_IF"
    # A desktop's network manager must not give the interface other addresses.
    if command -v nmcli >/dev/null; then nmcli device set "$LAN_IF" managed no 2>/dev/null || true; fi
    ip address replace "$LAN_ADDRESS/$LAN_BITS" dev "$LAN_IF"
    ip link set dev "$LAN_IF" up
    say "up: phones on $LAN_IF reach $PBX"
}

down() {
    [ "$(id -u)" = 0 ] || die "this takes root: use sudo"
    ip link del dev "$TUNNEL_IF" 2>/dev/null || true
    # The rules stay until the machine starts anew: phones get nowhere without the tunnel.
    say "down: the phones reach nothing; the rules stand"
}

dhcp() {
    check
    [ "$DHCP" = yes ] || die "DHCP=no in $HERE/site.conf: another machine serves addresses"
    mkdir -p "$RUN" "$HERE/phones"
    # dnsmasq is not root, and reads only what everybody may.
    chmod -R a+rX "$HERE/phones"
    filled dnsmasq.conf >"$RUN/dnsmasq.conf"
    exec dnsmasq --keep-in-foreground --conf-file="$RUN/dnsmasq.conf" --tftp-root="$HERE/phones" \
        --dhcp-leasefile="$HERE/leases"
}

sip_answers() {  # the phone system says anything to OPTIONS, within five seconds
    local id="health-$$-$RANDOM" answer=""
    exec 3<>"/dev/udp/$PBX/$SIP_PORT" || return 1
    printf 'OPTIONS sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s\r\nFrom: <sip:health@%s>;tag=%s\r\nTo: <sip:%s>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n' \
        "$PBX" "$TUNNEL_ADDRESS" "$id" "$PBX" "$id" "$PBX" "$id" |
        dd bs=4096 iflag=fullblock status=none >&3 2>/dev/null || return 1
    # One datagram, one write; one datagram, one read: bash itself does either by pieces.
    answer=$(timeout 5 dd bs=4096 count=1 status=none <&3 2>/dev/null | head -c 8 || true)
    exec 3>&-
    [[ $answer == SIP/2.0* ]]
}

health() {
    local bad=0 last now
    if ! wg show "$TUNNEL_IF" >/dev/null 2>&1; then
        say "the tunnel is not there: gateway.sh up"; exit 1
    fi
    nft list table inet ringfence_site >/dev/null 2>&1 || { say "the rules are not there: gateway.sh up"; bad=1; }
    [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || { say "forwarding is off: gateway.sh up"; bad=1; }
    if ! sip_answers; then
        last=$(wg show "$TUNNEL_IF" latest-handshakes | cut -f2); now=$(date +%s)
        if [ "${last:-0}" = 0 ] || [ $((now - last)) -gt 180 ]; then
            say "the phone system's machine does not answer: Internet, its address, UDP port $WG_PORT; or this site was revoked"
            # Its name may lead to another address by now.
            if [ "${1:-}" = --mend ]; then
                wg set "$TUNNEL_IF" peer "$SERVER_KEY" endpoint "$ENDPOINT" && say "looked $ENDPOINT up again"
            fi
        else
            say "the tunnel works, and $PBX does not answer SIP on port $SIP_PORT: does the phone system listen there?"
        fi
        bad=1
    fi
    [ $bad = 0 ] && say "well: the tunnel is up, and the phone system answers"
    return $bad
}

install_() {
    [ "$(id -u)" = 0 ] || die "this takes root: use sudo"
    local missing=""
    command -v wg >/dev/null || missing="$missing wireguard-tools"
    command -v nft >/dev/null || missing="$missing nftables"
    command -v dnsmasq >/dev/null || missing="$missing dnsmasq-base"
    command -v chronyd >/dev/null || missing="$missing chrony"
    if [ -n "$missing" ]; then
        command -v apt-get >/dev/null || die "install these first:$missing"
        say "installing$missing"
        # shellcheck disable=SC2086
        apt-get install -y $missing
    fi
    # Over SSH from the phones' side: that way stays open.
    if [ -n "${SSH_CONNECTION:-}" ] && ip route get "${SSH_CONNECTION%% *}" | grep -q "dev $LAN_IF "; then
        say "you are connected through $LAN_IF: SSH from there stays allowed (SSH_FROM_LAN)"
        sed -i 's/^SSH_FROM_LAN=.*/SSH_FROM_LAN=accept/' "$HERE/site.conf"
        . "$HERE/site.conf"
    fi
    check
    mkdir -p "$HOME_DIR"
    if [ "$HERE" != "$HOME_DIR" ]; then cp -a "$HERE/." "$HOME_DIR/"; fi
    chmod -R go= "$HOME_DIR"
    chmod 711 "$HOME_DIR"; mkdir -p "$HOME_DIR/phones"; chmod 755 "$HOME_DIR/phones"
    if [ -d /etc/chrony/conf.d ]; then
        echo "allow $LAN" >/etc/chrony/conf.d/ringfence-site.conf
        systemctl restart chrony || true
    fi
    cp "$HOME_DIR"/systemd/* /etc/systemd/system/
    chmod 644 /etc/systemd/system/ringfence-site*
    systemctl daemon-reload
    for unit in $UNITS; do
        [ "$unit" = ringfence-site-dhcp.service ] && [ "$DHCP" != yes ] && continue
        systemctl enable --quiet "$unit"
        systemctl restart "$unit"
    done
    health || say "not well yet: see above, then $HOME_DIR/gateway.sh health"
}

uninstall() {
    [ "$(id -u)" = 0 ] || die "this takes root: use sudo"
    # shellcheck disable=SC2086
    systemctl disable --now $UNITS 2>/dev/null || true
    down
    nft delete table inet ringfence_site 2>/dev/null || true
    rm -f /etc/systemd/system/ringfence-site* /etc/chrony/conf.d/ringfence-site.conf
    systemctl daemon-reload || true
    rm -rf "$HOME_DIR" "$RUN"
    say "gone"
}

case ${1:-} in
    up | down | dhcp | uninstall) "$1" ;;
    health) health "${2:-}" ;;
    install) install_ ;;
    *) sed -n '2,10p' "$0"; exit 1 ;;
esac
