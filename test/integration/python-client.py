"""What a program in Python does with Debian's python3-kubernetes. Reads the kubeconfig named in KUBECONFIG; prints one JSON line per step."""
import json

from kubernetes import client, config, dynamic, watch

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()


def say(*words):
    print(json.dumps(words), flush=True)


def container(name):
    return client.V1Container(name=name, image="i", resources=client.V1ResourceRequirements(limits={"cpu": "0.5"}))


say("version", client.VersionApi().get_code().git_version.startswith("v1."))
made = core.create_namespaced_config_map("default", client.V1ConfigMap(metadata=client.V1ObjectMeta(name="py", labels={"app": "py"}), data={"k": "1"}))
say("created", made.metadata.name, made.metadata.creation_timestamp.tzinfo is not None)
say("read", core.read_namespaced_config_map("py", "default").data)
say("patched", core.patch_namespaced_config_map("py", "default", {"data": {"l": "2"}}).data)
made = core.read_namespaced_config_map("py", "default")
made.data = {"m": "3"}
say("replaced", core.replace_namespaced_config_map("py", "default", made).data)
say("listed", [item.metadata.name for item in core.list_namespaced_config_map("default", label_selector="app=py").items])
say("deleted", core.delete_namespaced_config_map("py", "default").status)
try:
    core.read_namespaced_config_map("py", "default")
except client.ApiException as err:
    say("missing", err.status, json.loads(err.body)["reason"])

seen = [(event["type"], event["object"].data) for event in watch.Watch().stream(core.list_namespaced_config_map, "default", label_selector="app=py", resource_version=made.metadata.resource_version, timeout_seconds=1)]
say("watched", seen)

labels = {"app": "web"}
spec = client.V1DeploymentSpec(selector={"matchLabels": labels}, template=client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels=labels), spec=client.V1PodSpec(containers=[container("a")])))
web = apps.create_namespaced_deployment("default", client.V1Deployment(metadata=client.V1ObjectMeta(name="web"), spec=spec))
say("deployment", web.spec.strategy.rolling_update.max_surge, web.spec.template.spec.containers[0].resources.limits)
web = apps.patch_namespaced_deployment("web", "default", {"spec": {"template": {"spec": {"containers": [{"name": "b", "image": "i"}]}}}})
say("merged by name", sorted(item.name for item in web.spec.template.spec.containers))

jobs = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="batch/v1", kind="Job")
say("dynamic", jobs.name, jobs.namespaced, len(jobs.get(namespace="default").items))
