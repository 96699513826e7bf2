"""What `deploy` holds fits the package: names, ports, flags, paths, other programs' schemas."""

import ast
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

from tests.api_fields import faults, parts_of
from tests.first_run import CHECKOUT
from tf_transformer.serving import Address, Limits
from tf_transformer.serving.grpc_names import add_services
from tf_transformer.serving.ray_options import RayOptions

DEPLOY = CHECKOUT / "deploy"
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
PORTS = {"rest": Address.rest_port, "grpc": Address.grpc_port}


def commands(path):
    """Return the commands of a shell script or a Dockerfile, each as its words."""
    text = path.read_text().replace("\\\n", " ")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [shlex.split(line) for line in lines]


@pytest.fixture(scope="module")
def serve_flags():
    """Names of the flags of `tft serve`."""
    source = ast.parse((CHECKOUT / "tf_transformer/cli/program_flags.py").read_text())
    (define,) = (x for x in source.body if getattr(x, "name", "") == "_define_serve")
    return {call.args[0].value for call in ast.walk(define) if isinstance(call, ast.Call)}


def assert_known(arguments, names):
    for argument in arguments:
        name = re.fullmatch(r"--(\w+)(=.*)?", argument)[1]
        assert name in names, argument


# The container


@pytest.mark.parametrize("path", ["Dockerfile", "ray/Dockerfile"])
def test_an_image_copies_what_there_is_and_installs_an_extra_that_there_is(path):
    steps = commands(DEPLOY / path)
    copied = [name for step in steps if step[0] == "COPY" for name in step[1:-1] if name[0] != "-"]
    ignored = (CHECKOUT / ".dockerignore").read_text().splitlines()
    assert "tf_transformer" in copied
    for name in copied:
        assert (CHECKOUT / name).exists()
        assert f"!{name}" in ignored
    (install,) = (step for step in steps if step[:3] == ["RUN", "pip", "install"])
    extra = next(re.fullmatch(r"\.\[(\w+)\]", word) for word in install if word[0] == ".")[1]
    assert extra in PROJECT["optional-dependencies"]
    (image,) = (step[1] for step in steps if step[0] == "FROM")
    version = re.search(r"python:(3\.\d+)|-py(3)(\d+)", image)
    minor = int((version[1] or f"3.{version[3]}").partition(".")[2])
    assert 11 <= minor < 14
    assert PROJECT["requires-python"] == ">=3.11,<3.14"


def test_the_container_runs_tft_serve_as_nobody_special_and_asks_whether_it_is_ready(serve_flags):
    steps = {step[0]: " ".join(step[1:]) for step in commands(DEPLOY / "Dockerfile")}
    entry = [word.strip("[],") for word in steps["ENTRYPOINT"].split()]
    assert entry[:2] == ["tft", "serve"]
    assert entry[0] in PROJECT["scripts"]
    assert_known(entry[2:], serve_flags)
    assert {*map(int, steps["EXPOSE"].split())} == {*PORTS.values()}
    assert steps["USER"] != "root"
    assert f"127.0.0.1:{PORTS['rest']}/readyz" in steps["HEALTHCHECK"]


# TensorFlow Serving


FIELDS = {  # of each message: name, number and type; * is for several
    "ModelServerConfig": ["model_config_list 1 ModelConfigList"],
    "ModelConfigList": ["config 1 ModelConfig*"],
    "ModelConfig": [
        *("name 1 string", "base_path 2 string", "model_platform 4 string"),
        *("model_version_policy 7 Policy", "version_labels 8 Label*"),
    ],
    "Policy": ["latest 100 Latest", "all 101 All", "specific 102 Specific"],
    "Latest": ["num_versions 1 uint32"],
    "All": [],
    "Specific": ["versions 1 int64*"],
    "Label": ["key 1 string", "value 2 int64"],
    "BatchingParameters": [
        *("max_batch_size 1 Number", "batch_timeout_micros 2 Number"),
        *("max_enqueued_batches 3 Number", "num_batch_threads 4 Number"),
        *("thread_pool_name 5 Word", "allowed_batch_sizes 6 int64*"),
        "pad_variable_length_inputs 7 bool",
    ],
    "Number": ["value 1 int64"],
    "Word": ["value 1 string"],
    "MonitoringConfig": ["prometheus_config 1 Prometheus"],
    "Prometheus": ["enable 1 bool", "path 2 string"],
}
"""TensorFlow Serving's messages, as its .proto files have them:
https://github.com/tensorflow/serving/tree/master/tensorflow_serving/config and
servables/tensorflow/session_bundle_config.proto."""


@pytest.fixture(scope="module")
def parse():
    """Parses a file as a message, and refuses what the message does not have."""
    file = descriptor_pb2.FileDescriptorProto(name="config.proto", syntax="proto3")
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for words in fields:
            name, number, kind = words.split()
            field = message.field.add(name=name, number=int(number))
            field.label = field.LABEL_REPEATED if kind[-1] == "*" else field.LABEL_OPTIONAL
            kind = kind.removesuffix("*")
            if kind in FIELDS:
                field.type, field.type_name = field.TYPE_MESSAGE, f".{kind}"
            else:
                field.type = getattr(field, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)

    def parse(kind, path):
        message = message_factory.GetMessageClass(pool.FindMessageTypeByName(kind))()
        return text_format.Parse((DEPLOY / "tensorflow_serving" / path).read_text(), message)

    return parse


def test_tensorflow_serving_finds_the_models_that_tft_serve_finds(parse):
    (command,) = commands(DEPLOY / "tensorflow_serving/run.sh")
    mounts = dict(
        word.removeprefix("$PWD/").split(":")[:2] for word in command if word.startswith("$PWD")
    )
    places = {inside: CHECKOUT / outside for outside, inside in mounts.items()}
    given = dict(word[2:].split("=") for word in command if word[:2] == "--" and "=" in word)
    for flag in ("model_config_file", "batching_parameters_file", "monitoring_config_file"):
        path = Path(given[flag])
        assert (places[str(path.parent)] / path.name).is_file()
    published = [word.split(":") for word in command if word.startswith("127.0.0.1:")]
    assert [int(port) for _, port, _ in published] == [*PORTS.values()]
    assert all(outside == inside for _, outside, inside in published)
    (model,) = parse("ModelServerConfig", "models.config").model_config_list.config
    home, name = model.base_path.rsplit("/", 1)
    assert (places[home], name) == (CHECKOUT / "saved_models", model.name)
    assert (model.model_platform, name) == ("tensorflow", "pt_en")


def test_tensorflow_serving_s_batches_and_figures_are_as_ours(parse):
    from tf_transformer.serving.batcher import Batcher

    batches = parse("BatchingParameters", "batching_parameters.txt")
    batcher = Batcher(threads=1)
    assert batches.max_batch_size.value == batcher.max_rows
    assert batches.batch_timeout_micros.value == 0
    assert batches.num_batch_threads.value > 0
    figures = parse("MonitoringConfig", "monitoring.config").prometheus_config
    assert figures.enable
    assert figures.path in (CHECKOUT / "tf_transformer/serving/rest.py").read_text()


# Kubernetes


def documents():
    """Return what is in the files, each with its kind."""
    texts = [(DEPLOY / "kubernetes" / name).read_text() for name in ("server.yaml", "ray.yaml")]
    found = [each for text in texts for each in yaml.safe_load_all(text)]
    found = {each["kind"]: (each, each["kind"]) for each in found}
    return found | {name: (x, "ServeDeploySchema") for name, x in serve_configs().items()}


def test_each_field_is_one_that_the_api_has():
    for name, (document, kind) in documents().items():
        assert not [*faults(document, kind, name)]


def test_a_misspelt_field_would_be_found():
    tried = 0
    for document, kind in documents().values():
        for part in parts_of(document, kind):
            for name in [*part]:
                part[name + "s"] = part.pop(name)
                assert any(f"has no {name}s" in fault for fault in faults(document, kind, kind))
                part[name] = part.pop(name + "s")
                tried += 1
    assert tried > 150


def test_a_value_of_another_type_would_be_found():
    deployment, kind = documents()["Deployment"]
    deployment["spec"]["replicas"] = "2"
    deployment["metadata"]["labels"] = {"version": 1}
    del deployment["spec"]["selector"]
    assert [*faults(deployment, kind, "it")] == [
        "it.metadata.labels.version=1 is no str",
        "it.spec needs selector",
        "it.spec.replicas='2' is no int",
    ]


@pytest.fixture(scope="module")
def manifests():
    documents = yaml.safe_load_all((DEPLOY / "kubernetes/server.yaml").read_text())
    return {each["kind"]: each for each in documents}


def test_the_service_reaches_the_server(manifests):
    deployment, service = manifests["Deployment"], manifests["Service"]
    assert (deployment["apiVersion"], service["apiVersion"]) == ("apps/v1", "v1")
    pod = deployment["spec"]["template"]
    labels = deployment["spec"]["selector"]["matchLabels"]
    assert service["spec"]["selector"] == labels == pod["metadata"]["labels"]
    (container,) = pod["spec"]["containers"]
    assert {x["name"]: x["containerPort"] for x in container["ports"]} == PORTS
    assert {x["targetPort"]: x["port"] for x in service["spec"]["ports"]} == PORTS


def test_kubernetes_asks_for_what_the_server_answers_and_waits_until_it_has_drained(
    manifests, serve_flags
):
    pod = manifests["Deployment"]["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    routes = (CHECKOUT / "tf_transformer/serving/rest.py").read_text()
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["port"] == "rest"
        assert f'Route("{asked["path"]}"' in routes
    scraped = pod["metadata"]["annotations"]
    assert f'Route("{scraped["prometheus.io/path"]}"' in routes
    assert int(scraped["prometheus.io/port"]) == PORTS["rest"]
    assert_known(container["args"], serve_flags)
    given = dict(argument[2:].split("=") for argument in container["args"])
    pause = float(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["spec"]["terminationGracePeriodSeconds"] > pause + float(given["drain_seconds"])
    mounted = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    home, name = given["model_dir"].rsplit("/", 1)
    assert mounted[home] in {volume["name"] for volume in pod["spec"]["volumes"]}
    assert name == "pt_en"


# Ray


@pytest.fixture(scope="module")
def ray_service():
    return yaml.safe_load((DEPLOY / "kubernetes/ray.yaml").read_text())


def serve_configs():
    service = yaml.safe_load((DEPLOY / "kubernetes/ray.yaml").read_text())
    alone = (DEPLOY / "ray/serve.yaml").read_text()
    opened = re.sub(r"^# (grpc_options|  port|  grpc_serv)", r"\1", alone, flags=re.M)
    return {
        "ray/serve.yaml": yaml.safe_load(alone),
        "ray/serve.yaml with gRPC": yaml.safe_load(opened),
        "kubernetes/ray.yaml": yaml.safe_load(service["spec"]["serveConfigV2"]),
    }


@pytest.mark.parametrize("config", serve_configs().values(), ids=[*serve_configs()])
def test_ray_finds_the_application(config):
    (application,) = config["applications"]
    module, function = application["import_path"].split(":")
    source = ast.parse((CHECKOUT / f"{module.replace('.', '/')}.py").read_text())
    defined = {node.name: node for node in source.body if hasattr(node, "name")}
    assert function in defined
    options = RayOptions.of(application["args"])
    assert options.limits == Limits()
    assert options.model_dir.endswith("saved_models/pt_en")
    (deployment,) = application["deployments"]
    assert deployment["name"] in defined
    assert application["route_prefix"] == "/"  # TensorFlow Serving's paths begin at the root
    assert config["http_options"]["port"] == PORTS["rest"]


@pytest.mark.parametrize("config", serve_configs().values(), ids=[*serve_configs()])
def test_ray_lets_enough_requests_into_a_replica_to_fill_its_batches(config):
    ((deployment,),) = (each["deployments"] for each in config["applications"])
    most = deployment["max_ongoing_requests"]
    assert most >= 2 * RayOptions.max_batch_rows
    scaling = deployment["autoscaling_config"]
    assert scaling["target_ongoing_requests"] < most
    assert 0 < scaling["min_replicas"] < scaling["max_replicas"]
    assert deployment["ray_actor_options"]["num_cpus"] == 1  # its threads are one, too


def test_ray_is_open_to_this_machine_alone_unless_in_a_cluster():
    alone, with_grpc, cluster = serve_configs().values()
    assert alone["http_options"]["host"] == "127.0.0.1"
    assert "grpc_options" not in alone  # Ray's gRPC listens on all addresses
    assert with_grpc["grpc_options"] == cluster["grpc_options"]
    assert cluster["grpc_options"]["port"] == PORTS["grpc"]
    (function,) = cluster["grpc_options"]["grpc_servicer_functions"]
    assert function == f"{add_services.__module__}.{add_services.__name__}"


def test_kuberay_s_pods_have_the_ports_the_model_and_the_version_of_ray(ray_service):
    assert (ray_service["apiVersion"], ray_service["kind"]) == ("ray.io/v1", "RayService")
    cluster = ray_service["spec"]["rayClusterConfig"]
    (image,) = (step[1] for step in commands(DEPLOY / "ray/Dockerfile") if step[0] == "FROM")
    assert f":{cluster['rayVersion']}-" in image
    lowest = re.search(r">=([\d.]+)", PROJECT["optional-dependencies"]["ray"][0])[1]
    assert cluster["rayVersion"].startswith(lowest)
    (workers,) = cluster["workerGroupSpecs"]
    assert workers["minReplicas"] <= workers["replicas"] <= workers["maxReplicas"]
    for group in (cluster["headGroupSpec"], workers):
        pod = group["template"]["spec"]
        (container,) = pod["containers"]
        ports = {x["name"]: x["containerPort"] for x in container["ports"]}
        assert ports == {"serve": PORTS["rest"], "grpc": PORTS["grpc"]}
        assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/saved_models"]
        assert [volume["name"] for volume in pod["volumes"]] == ["saved-models"]


def test_an_option_that_the_application_does_not_have_is_told():
    with pytest.raises(Exception, match="args: there is no 'model_dri': did you mean"):
        RayOptions.of({"model_dri": "x"})
    with pytest.raises(Exception, match="args: model_dir is missing"):
        RayOptions.of({})
