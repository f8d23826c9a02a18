"""CrowdSec's Asterisk collection and its firewall bouncer, set up in a folder of their own.

Everything is as Debian ships it (parsers, scenarios, profile, the bouncer's ten seconds
between two questions), except that no central service is asked: the lab has no Internet.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

PROGRAMS: Final = ("crowdsec", "cscli", "crowdsec-firewall-bouncer")
TABLE: Final = "crowdsec"
_KEY: Final = "only-for-the-lab"
_HUB: Final = {
    "parsers/s00-raw": ("syslog-logs",),
    "parsers/s01-parse": ("asterisk-logs",),
    "parsers/s02-enrich": ("dateparse-enrich",),
    "scenarios": ("asterisk_bf", "asterisk_user_enum"),
}
_CONFIG: Final = """common: {{daemonize: false, log_media: stdout, log_level: info, working_dir: .}}
config_paths:
  config_dir: {at}
  data_dir: {at}/data
  simulation_path: {at}/simulation.yaml
  hub_dir: {hub}
  index_path: {hub}/.index.json
crowdsec_service: {{acquisition_path: {at}/acquis.yaml, parser_routines: 1}}
cscli: {{output: human}}
db_config: {{log_level: info, type: sqlite, db_path: {at}/data/crowdsec.db}}
api:
  client: {{credentials_path: {at}/credentials.yaml}}
  server: {{log_level: info, listen_uri: "127.0.0.1:8080", profiles_path: {at}/profiles.yaml}}
prometheus: {{enabled: false}}
"""
_BOUNCER: Final = """mode: nftables
pid_dir: {at}
update_frequency: 10s
daemonize: false
log_mode: stdout
log_dir: {at}
log_level: info
api_url: http://127.0.0.1:8080/
api_key: {key}
disable_ipv6: false
deny_action: DROP
supported_decisions_types: [ban]
nftables:
  ipv4: {{enabled: true, set-only: false, table: {table}, chain: crowdsec-chain}}
  ipv6: {{enabled: true, set-only: false, table: {table}6, chain: crowdsec6-chain}}
"""


def missing() -> str:
    """Debian packages that are needed; empty when all are there."""
    return "" if all(shutil.which(p) for p in PROGRAMS) else "crowdsec crowdsec-firewall-bouncer"


def set_up(at: Path, log: Path) -> tuple[list[str], list[str]]:
    """A folder to run it from; the commands of the agent and of its bouncer.

    Raises CalledProcessError when its own tool refuses.
    """
    hub, etc = _shipped()
    for folder, names in _HUB.items():
        (at / folder).mkdir(parents=True)
        for name in names:
            shutil.copy(hub / folder / "crowdsecurity" / f"{name}.yaml", at / folder)
    for name in ("profiles.yaml", "simulation.yaml"):
        shutil.copy(etc / name, at)
    shutil.copytree(etc / "patterns", at / "patterns")
    (at / "data").mkdir()
    (at / "acquis.yaml").write_text(f"filenames: [{log}]\nlabels: {{type: asterisk}}\n")
    (at / "credentials.yaml").write_text("")
    (at / "config.yaml").write_text(_CONFIG.format(at=at, hub=hub))
    (at / "bouncer.yaml").write_text(_BOUNCER.format(at=at, key=_KEY, table=TABLE))
    _tell(at, "machines", "add", "lab", "--auto", "--file", str(at / "credentials.yaml"),
          "--url", "http://127.0.0.1:8080")  # fmt: skip
    _tell(at, "bouncers", "add", "lab", "--key", _KEY)
    agent = ["crowdsec", "-c", str(at / "config.yaml")]
    return agent, ["crowdsec-firewall-bouncer", "-c", str(at / "bouncer.yaml")]


def _shipped() -> tuple[Path, Path]:
    """Where the package has its hub and its settings: beside its program."""
    root = Path(shutil.which("crowdsec") or "/usr/bin/crowdsec").parents[2]
    return root / "usr/share/crowdsec/hub", root / "etc/crowdsec"


def _tell(at: Path, *command: str) -> Sequence[str]:
    done = subprocess.run(
        ["cscli", "-c", str(at / "config.yaml"), *command],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.splitlines()
