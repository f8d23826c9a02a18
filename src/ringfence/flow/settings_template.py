"""The settings file that `ringfence settings init` writes."""

from __future__ import annotations

TEMPLATE = """\
# Settings of ringfence: who you are, for every letter. docs/settings.md explains each line.
# Take away the # of what you know. Texts stand in "quotes".
# What stays empty a letter shows in brackets, for you to fill in.

# Where the clock of the machine that captured comes from.
# clock = "NTP, pool.ntp.org"

[victim]  # who was attacked, and signs
# name = "Anna Example"
# title = "IT manager"
# organisation = "Example Office Ltd"
# street = "1 Example Street"
# city = "Springfield"
# county = "Sangamon"  # United States
# state = "IL"  # United States: two letters
# zip = "62701"
# country = "US"  # two letters (ISO 3166-1)
# phone = "+1 217 555 0100"  # where a person answers
# email = "anna@office.example"
# pbx = "3CX 20 on Debian 12"
# address = "198.51.100.10"  # of the phone system as the Internet sees it, where it is behind NAT

[isp]  # who connects you to the Internet
# name = "Example Internet"
# email = "noc@isp.example"
# phone = "+1 217 555 0110"  # of its NOC
# customer = "C-100200"
# circuit = "FIB-7781"
# contact = "Anna Example"  # who may ask for changes; empty: the one who signs

[carrier]  # who carries your calls: the SIP trunk
# name = "Example Telecom"
# email = "fraud@carrier.example"
# phone = "+1 217 555 0120"  # of its fraud desk
# customer = "T-5550"
# circuit = "trunk-1"
# contact = "Anna Example"

[police]  # the police that you want to write to
# name = "Springfield Police Department"
# email = "cyber@police.example"
# phone = "+1 217 555 0130"
# address = "800 Example Avenue, Springfield, IL 62701"

[mail]  # your own mail server, for `--send`
# server = "smtp.office.example"
# port = 587  # 465 for tls, 587 for starttls, 25 for none, where nothing is written
# security = "starttls"  # or "tls"; "none" only on this machine
# user = "anna@office.example"
# The password: in RINGFENCE_MAIL_PASSWORD, or alone in a file that only you can read.
# password_file = "mail-password"
# password = "..."
# sender = "anna@office.example"  # empty: victim.email
# authority_file = "our-root.pem"  # only where the server's certificate is your own

[alerts]  # whom the guard tells; then: ringfence alert test
# email = "anna@office.example"  # through [mail]
# syslog = "/dev/log"  # or udp://HOST:514, tcp://HOST:601
# quiet = "22:00-07:00"  # only break-ins then
# minimum = "warning"  # or "note", "attack", "break_in"
# Slack, Teams, Telegram, webhooks …, as https://github.com/caronc/apprise writes them.
# urls = ["slack://TOKEN_A/TOKEN_B/TOKEN_C/#phones"]

[guard]  # what it hears, whom it must not hurt; docs/guard.md
# interfaces = ["eth0"]  # that of the default route, where nothing is written
# ports = [5080]  # where SIP is, beside 5060 and 5061
# logs = ["asterisk:/var/log/asterisk/security"]  # or freeswitch:, kamailio:
# mark = "..."  # the word in the lines of your kamailio.cfg
# hep = "127.0.0.1:9060"  # listen for HEP
# hep_from = ["10.0.0.0/8"]  # who may send it from other machines
# hep_key_file = "hep-key"
# hep_key = "..."
# ami = "ringfence@127.0.0.1:5038"  # Asterisk's manager, in place of its security log
# ami_secret_file = "ami-secret"
# ami_secret = "..."
# freeswitch = "127.0.0.1:8021"
# freeswitch_secret_file = "freeswitch-secret"
# freeswitch_secret = "..."
# pbx = ["192.0.2.10"]  # addresses of your phone system, where they are not found by themselves
# trunks = ["198.51.100.5"]  # never blocked
# known = ["198.51.100.77"]  # offices and users: never blocked
# enforce = true  # block; false only watches
# guesses_a_day = 100  # at one account, before there is an alarm
# before_s = 60  # packets that are kept from before a verdict, and after it
# after_s = 60
# buffer_mb = 64  # memory for them
# metrics_port = 9120  # on this machine only; 0: none
# folder = "/var/lib/ringfence/cases"

[threecx]  # 3CX over XAPI (Integrations > API)
# url = "https://pbx.office.example"
# client_id = "ringfence"
# Secrets: each alone in a file that only you can read, or in RINGFENCE_THREECX_SECRET.
# secret_file = "3cx-key"
# secret = "..."
# authority_file = "our-root.pem"  # only where the certificate is your own
# blocklist = true  # carry blocks to 3CX's own list as well

[asterisk]  # AMI, for `ringfence act`: a user with write = call,reporting,system
# host = "127.0.0.1"
# port = 5038
# user = "ringfence-act"
# secret_file = "ami-secret"
# secret = "..."
# locks = true  # only where the dialplan asks our list: docs/blocking.md

[freeswitch]  # event socket, for `ringfence act`
# host = "127.0.0.1"
# port = 8021
# password_file = "event-socket-password"
# password = "..."
# locks = true  # only where the dialplan asks our list: docs/blocking.md

[mikrotik]  # RouterOS 7: blocks are carried to this address list
# url = "https://router.office.example"
# user = "ringfence"
# password_file = "router-password"
# password = "..."
# authority_file = "router-root.pem"
# list = "ringfence"

[opnsense]  # blocks are carried to this alias
# url = "https://firewall.office.example"
# key = "KEY"
# secret_file = "opnsense-secret"
# secret = "..."
# authority_file = "firewall-root.pem"
# alias = "ringfence"

[pfsense]  # with pfSense-pkg-RESTAPI; blocks are carried to this alias
# url = "https://firewall.office.example"
# key_file = "pfsense-key"
# key = "..."
# authority_file = "firewall-root.pem"
# alias = "ringfence"

[ssh]  # any other machine; its list must be ours alone
# host = "admin@router.office.example"
# port = 22
# identity_file = "router-key"
# block = "fw-list add {address}"
# unblock = "fw-list del {address}"
# list = "fw-list show"

[act]  # what is done to an account that was taken, without asking
# automatic = ["end-calls"]  # and "lock"
# never = ["100"]  # accounts that are never locked, nor touched without asking

[lockdown]  # who may reach the ports of SIP when all others may not; docs/lockdown.md
# trunks = ["sip.carrier.example", "203.0.113.0/24"]  # names are looked up again and again
# users = ["198.51.100.77/32"]  # offices and users, beside guard.known
# udp = [5060]  # ports of SIP; where nothing is written: 5060 and guard.ports
# tcp = [5060, 5061]
# media = "10000-20000"  # UDP ports of sound; "open" leaves them open
# tunnel = [5090]  # 3CX's own tunnel; it stays open where nothing is written
"""
