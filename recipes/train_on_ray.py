# %% [markdown]
# # Train on a Ray cluster
#
# [Ray](https://docs.ray.io) starts one process for each worker, on the machines of its cluster. If
# one dies, or its machine does, Ray starts all workers again, and they go on from the last
# checkpoint. What they train is what [recipe 05](05_train_translator.py) trains, with the same
# flags and the same results. Every machine must see the same `--run_dir` and the same text.
#
#     pip install '.[ray]'
#     python recipes/train_on_ray.py --dataset=mine.tsv --run_dir=/shared/runs/mine --num_workers=2
#
# Without a cluster, Ray makes one of this machine. `RAY_ADDRESS` names another.

# %%
import tf_transformer as tft
from tf_transformer.cli import command_line, program_flags, training_flags

import importlib.util
import os
import socket
import sys
from pathlib import Path

from absl import flags

FLAGS = flags.FLAGS
before = set(FLAGS)
program_flags.define("train")
TRAINING = set(FLAGS) - before
flags.DEFINE_integer("num_workers", 1, "Processes that train together.", lower_bound=1)
flags.DEFINE_float("gpus", 0, "GPUs of each worker; 0: it trains on the CPU.", lower_bound=0)
flags.DEFINE_integer("max_failures", 3, "How often Ray starts all again.", lower_bound=0)
if __name__ == "__main__":  # before what takes seconds to import
    command_line.answer_early(
        "train a translator on a Ray cluster, and start again whatever dies",
        "--dataset=mine.tsv --num_workers=2",
    )

# %% [markdown]
# ## A worker
#
# Ray gives each worker its number. Worker 0 finds a free port, the others learn it from there, and
# then they train together, as if somebody had started them by hand with `--coordinator`,
# `--num_processes` and `--process_id`. A run that exists is resumed: that is all there is to
# starting again.


# %%
def train_in_worker(plan):
    """Train the run that a plan describes, together with the other workers."""
    from tf_transformer import api
    from tf_transformer.begin import opened, resume_run, start_run

    import ray
    from ray.train import get_context
    from ray.train.collective import broadcast_from_rank_zero

    os.chdir(plan["here"])  # paths mean the same as for the program
    context = get_context()
    number, count = context.get_world_rank(), context.get_world_size()
    address = f"{ray.util.get_node_ip_address()}:{free_port()}"
    coordinator = broadcast_from_rank_zero(address)
    processes = tft.config.Processes(coordinator, count, number)
    run_dir, data_dir = Path(plan["run_dir"]), plan["data_dir"]

    def begin():
        if (run_dir / "config.json").exists():
            return resume_run(run_dir, plan["changed"], data_dir)
        fields = plan["fields"] | plan["changed"]
        text = {"data_dir": data_dir, "bleu_tokenize": plan["bleu_tokenize"]}
        return start_run(
            run_dir, plan["dataset"], plan["preset"], fields, init_from=plan["init_from"], **text
        )

    with opened(begin, processes, run_dir, data_dir) as (run, corpus):
        api.train_run(run, corpus)
    if processes.is_first:
        run.save_environment()


def free_port():
    """Return a port of this machine that nobody uses."""
    with socket.socket() as found:
        found.bind(("", 0))
        return found.getsockname()[1]


# %% [markdown]
# ## All workers
#
# `DataParallelTrainer` only starts functions; JAX does the rest. Ray's own `JaxTrainer` takes TPUs
# and GPUs, and on CPUs it trains a separate model in each worker without a word (Ray 2.60).


# %%
def train_on_ray(plan, num_workers, gpus, max_failures):
    """Train in so many workers, with so many GPUs each, until it ends or fails too often."""
    import ray
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.v2.api.data_parallel_trainer import DataParallelTrainer

    variables = {"KERAS_BACKEND": "jax"}
    if not gpus:
        variables["JAX_PLATFORMS"] = "cpu"
    ray.init(runtime_env={"env_vars": variables})
    resources = {"resources_per_worker": {"GPU": gpus, "CPU": 1}} if gpus else {}
    run_dir = Path(plan["run_dir"])
    DataParallelTrainer(
        train_in_worker,
        train_loop_config=plan,
        scaling_config=ScalingConfig(num_workers=num_workers, use_gpu=gpus > 0, **resources),
        run_config=RunConfig(
            name=run_dir.name,
            storage_path=str(run_dir.parent / "ray"),
            failure_config=FailureConfig(max_failures=max_failures),
        ),
    ).fit()
    ray.shutdown()


# %% [markdown]
# ## The program
#
# In the end, recipe 05 scores and exports the run, with TensorFlow.


# %%
def main():
    program_flags.check("train")
    if not all(map(importlib.util.find_spec, ("ray", "jax"))):
        raise tft.UserError("this needs Ray and JAX: pip install 'tf-transformer[ray]'.")
    fields = training_flags.read_config()
    changed = training_flags.overrides(
        "epochs", "max_minutes", "seed", "batch_tokens", "directions"
    )
    name = Path(FLAGS.config).stem if FLAGS.config else "on-ray"
    run_dir = Path(FLAGS.run_dir or f"runs/{name}").absolute()
    is_run = (run_dir / "config.json").exists()
    if is_run and not FLAGS.resume:
        raise tft.UserError(f"run_dir={run_dir} is a run: continue it with resume=True.")
    plan = {
        "here": str(Path.cwd()),
        "run_dir": str(run_dir),
        "data_dir": FLAGS.data_dir,
        "dataset": FLAGS.dataset,
        "preset": FLAGS.preset,
        "init_from": FLAGS.init_from,
        "bleu_tokenize": FLAGS.bleu_tokenize or "",
        "fields": fields,
        "changed": changed,
    }
    train_on_ray(plan, FLAGS.num_workers, FLAGS.gpus, FLAGS.max_failures)
    score_and_export(run_dir)


def score_and_export(run_dir):
    """Replace this process by one that runs recipe 05 with the same flags, and does not train."""
    given = [FLAGS[flag].serialize() for flag in TRAINING if FLAGS[flag].present]
    flags_of_05 = [line for text in given for line in text.splitlines()]
    ending = [f"--run_dir={run_dir}", "--resume", "--notrain"]
    recipe = str(Path(__file__).with_name("05_train_translator.py"))
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.execv(sys.executable, [sys.executable, recipe, *flags_of_05, *ending])


if __name__ == "__main__":
    command_line.run(main)
