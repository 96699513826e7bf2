"""The fields of Kubernetes's, KubeRay's and Ray's APIs that the files in `deploy` may have."""

FIELDS_OF_THE_API = {  # of each kind: name and type; * is for several, ! for what must be there
    # https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/
    "Deployment": "apiVersion=str! kind=str! metadata=ObjectMeta! spec=DeploymentSpec!",
    "DeploymentSpec": "selector=LabelSelector! template=PodTemplateSpec! replicas=int "
    "strategy=DeploymentStrategy minReadySeconds=int progressDeadlineSeconds=int "
    "revisionHistoryLimit=int paused=bool",
    "DeploymentStrategy": "type=str rollingUpdate=RollingUpdateDeployment",
    "RollingUpdateDeployment": "maxUnavailable=int_or_str maxSurge=int_or_str",
    # https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/
    "LabelSelector": "matchLabels=map",
    # https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
    "ObjectMeta": "name=str namespace=str labels=map annotations=map",
    # https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
    "Service": "apiVersion=str! kind=str! metadata=ObjectMeta! spec=ServiceSpec!",
    "ServiceSpec": "selector=map ports=ServicePort* type=str clusterIP=str",
    "ServicePort": "port=int! targetPort=int_or_str name=str protocol=str nodePort=int",
    # https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-template-v1/
    "PodTemplateSpec": "metadata=ObjectMeta spec=PodSpec!",
    # https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec
    "PodSpec": "containers=Container*! volumes=Volume* restartPolicy=str nodeSelector=map "
    "terminationGracePeriodSeconds=int securityContext=PodSecurityContext "
    "serviceAccountName=str automountServiceAccountToken=bool",
    "PodSecurityContext": "runAsUser=int runAsNonRoot=bool runAsGroup=int fsGroup=int",
    # …/pod-v1/#Container
    "Container": "name=str! image=str imagePullPolicy=str command=str* args=str* workingDir=str "
    "ports=ContainerPort* env=EnvVar* volumeMounts=VolumeMount* "
    "resources=ResourceRequirements lifecycle=Lifecycle securityContext=SecurityContext "
    "livenessProbe=Probe readinessProbe=Probe startupProbe=Probe",
    "ContainerPort": "containerPort=int! name=str protocol=str hostIP=str hostPort=int",
    "EnvVar": "name=str! value=str",
    "VolumeMount": "mountPath=str! name=str! readOnly=bool subPath=str",
    "ResourceRequirements": "limits=Resources requests=Resources",
    "Resources": "cpu=str memory=str",
    "SecurityContext": "runAsUser=int runAsNonRoot=bool runAsGroup=int privileged=bool "
    "readOnlyRootFilesystem=bool allowPrivilegeEscalation=bool capabilities=Capabilities",
    "Capabilities": "add=str* drop=str*",
    # …/pod-v1/#lifecycle-1 and …/pod-v1/#Probe
    "Lifecycle": "postStart=LifecycleHandler preStop=LifecycleHandler",
    "LifecycleHandler": "exec=ExecAction httpGet=HTTPGetAction",
    "Probe": "exec=ExecAction httpGet=HTTPGetAction initialDelaySeconds=int periodSeconds=int "
    "timeoutSeconds=int failureThreshold=int successThreshold=int "
    "terminationGracePeriodSeconds=int",
    "ExecAction": "command=str*",
    "HTTPGetAction": "port=int_or_str! path=str host=str scheme=str",
    # https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/
    "Volume": "name=str! persistentVolumeClaim=PersistentVolumeClaimVolumeSource",
    "PersistentVolumeClaimVolumeSource": "claimName=str! readOnly=bool",
    # https://ray-project.github.io/kuberay/reference/api/
    "RayService": "apiVersion=str! kind=str! metadata=ObjectMeta! spec=RayServiceSpec!",
    "RayServiceSpec": "serveConfigV2=str! rayClusterConfig=RayClusterSpec! "
    "excludeHeadPodFromServeSvc=bool",
    "RayClusterSpec": "rayVersion=str enableInTreeAutoscaling=bool "
    "headGroupSpec=HeadGroupSpec! workerGroupSpecs=WorkerGroupSpec*",
    "HeadGroupSpec": "template=PodTemplateSpec! rayStartParams=map serviceType=str",
    "WorkerGroupSpec": "groupName=str! template=PodTemplateSpec! rayStartParams=map "
    "replicas=int minReplicas=int maxReplicas=int idleTimeoutSeconds=int numOfHosts=int",
    # https://docs.ray.io/en/latest/serve/api/doc/ray.serve.schema.ServeDeploySchema.html
    "ServeDeploySchema": "applications=ServeApplicationSchema*! proxy_location=str "
    "http_options=HTTPOptionsSchema grpc_options=gRPCOptionsSchema",
    "HTTPOptionsSchema": "host=str port=int root_path=str request_timeout_s=number "
    "keep_alive_timeout_s=int",
    "gRPCOptionsSchema": "port=int grpc_servicer_functions=str* request_timeout_s=number",
    # …/ray.serve.schema.ServeApplicationSchema.html; RayOptions reads the args
    "ServeApplicationSchema": "import_path=str! name=str route_prefix=str args=any "
    "deployments=DeploymentSchema*",
    # …/ray.serve.schema.DeploymentSchema.html
    "DeploymentSchema": "name=str! num_replicas=int_or_str max_ongoing_requests=int "
    "max_queued_requests=int ray_actor_options=RayActorOptionsSchema "
    "autoscaling_config=AutoscalingConfig",
    "RayActorOptionsSchema": "num_cpus=number num_gpus=number memory=number",
    # https://docs.ray.io/en/latest/serve/api/doc/ray.serve.config.AutoscalingConfig.html
    "AutoscalingConfig": "min_replicas=int max_replicas=int target_ongoing_requests=number "
    "initial_replicas=int upscale_delay_s=number downscale_delay_s=number",
}
"""The fields that are used, and others that are likely to be, of the APIs that read the files."""

TYPES = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "number": (int, float),
    "int_or_str": (int, str),
}


def fields_of(kind):
    """Return the types of the fields of a kind, and the names of those that must be there."""
    words = FIELDS_OF_THE_API[kind].split()
    types = dict(word.rstrip("!").split("=") for word in words)
    return types, {word.partition("=")[0] for word in words if word.endswith("!")}


def faults(value, kind, place):
    """Yield what is wrong with a value of a file, which an API would refuse or pass over."""
    if kind.endswith("*"):
        if not isinstance(value, list):
            yield f"{place} is no list"
            return
        for number, each in enumerate(value):
            yield from faults(each, kind[:-1], f"{place}[{number}]")
    elif kind == "map":
        for name, each in value.items():
            yield from faults(each, "str", f"{place}.{name}")
    elif kind in FIELDS_OF_THE_API:
        types, needed = fields_of(kind)
        yield from (f"{place} needs {name}" for name in sorted(needed - value.keys()))
        for name, each in value.items():
            if name in types:
                yield from faults(each, types[name], f"{place}.{name}")
            else:
                yield f"{place}: a {kind} has no {name}"
    elif kind != "any" and type(value) not in TYPES[kind]:
        yield f"{place}={value!r} is no {kind}"


def parts_of(value, kind):
    """Yield the parts of a file that have fields of an API, each a dictionary."""
    if kind.endswith("*"):
        for each in value:
            yield from parts_of(each, kind[:-1])
    elif kind in FIELDS_OF_THE_API:
        yield value
        types, _ = fields_of(kind)
        for name, each in value.items():
            yield from parts_of(each, types[name])
