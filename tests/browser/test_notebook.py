"""A viewer in a notebook: a real kernel, spoken to as a notebook does."""

import time

import pytest

from fathometer.app import assets

manager = pytest.importorskip("jupyter_client.manager", reason="needs the extra browser-test")

WIDGET = "from fathometer.app import viewer\nw = viewer('theorems', id='cone_lemma')\nw"


@pytest.fixture(scope="module")
def kernel():
    started, client = manager.start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    started.shutdown_kernel(now=True)


def opened(kernel):
    """Run the cell, and return what the notebook is told: the widget's comm, its state, and what is shown."""
    comms, shown = {}, []

    def hear(message):
        content = message["content"]
        if message["msg_type"] == "comm_open":
            comms[content["comm_id"]] = content["data"]["state"]
        elif message["msg_type"] == "error":
            raise AssertionError(content["evalue"])
        elif message["msg_type"] in ("execute_result", "display_data"):
            shown.append(content["data"])

    kernel.execute_interactive(WIDGET, timeout=120, output_hook=hear)
    (comm, state) = next((comm, state) for comm, state in comms.items() if "_esm" in state)
    return comm, state, shown


def asked(kernel, comm, content):
    """What comes back to a question, until its end."""
    data = {"method": "custom", "content": content}
    kernel.shell_channel.send(kernel.session.msg("comm_msg", {"comm_id": comm, "data": data}))
    answers, until = [], time.monotonic() + 60
    while time.monotonic() < until:
        message = kernel.get_iopub_msg(timeout=60)
        if message["msg_type"] == "comm_msg" and message["content"]["data"].get("method") == "custom":
            answers.append((message["content"]["data"]["content"], message["buffers"]))
            if answers[-1][0]["kind"] != "answer":
                return answers
    raise AssertionError("the question had no end")


def test_the_same_file_serves_a_notebook(kernel):
    comm, state, shown = opened(kernel)
    assert state["_esm"] == assets()["theorems.js"].decode()
    assert state["state"] == {"id": "cone_lemma"}
    assert any("application/vnd.jupyter.widget-view+json" in data for data in shown)
    (header, _), *_ = asked(kernel, comm, {"id": 1, "ask": "no.such", "with": {}})
    assert header == {"id": 1, "kind": "refused", "message": "no question is called 'no.such'"}
