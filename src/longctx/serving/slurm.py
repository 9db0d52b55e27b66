"""A batch script for Slurm: one task a machine, the first machine is the head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.serving import shell
from longctx.serving.launches import HEAD, NODE_RANK

if TYPE_CHECKING:
    from longctx.serving.launches import Launch


def text(launch: Launch) -> str:
    """The script for `sbatch`."""
    gpus = sum(server.gpus for server in launch.servers)
    lines = [
        "#!/usr/bin/env bash",
        f"#SBATCH --job-name={launch.name}",
        f"#SBATCH --nodes={launch.nodes}",
        "#SBATCH --ntasks-per-node=1",
        *((f"#SBATCH --gpus-per-node={gpus}",) if gpus else ()),
        "#SBATCH --exclusive",
        "#SBATCH --time=7-00:00:00",
        f"#SBATCH --output={launch.name}-%j.log",
        *shell.comments(launch),
        *(shell.needs((launch.key,)) if launch.key else ()),
        "",
        "set -eu",
        'head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)',
        f'export {HEAD.name}="$head"',
        f'echo "serving at http://$head:{launch.port}" >&2',
        "",
    ]
    if launch.nodes > 1:
        # In single quotes each machine's own shell reads the rank of its task.
        rank = f'{NODE_RANK.name}="$SLURM_NODEID"'
        body = f"export {rank}\nexec {shell.command(launch.servers[0], narrow=False)}"
        lines.append("srun --kill-on-bad-exit=1 bash -euc " + shell.word((body,)))
    elif len(launch.processes) == 1:
        lines.append("exec " + shell.command(launch.servers[0], narrow=False))
    else:
        lines.append("trap 'kill 0' EXIT INT TERM")
        for process in launch.processes:
            lines += [shell.command(process) + " &", ""]
        lines.append("wait -n")
    return "\n".join((*lines, ""))
