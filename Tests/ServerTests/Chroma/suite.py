"""Runs the tests of Chroma's wheel (chromadb/test) against martlet serve on the given port, which allows a reset,
and against Chroma's server, and compares.

Prints one JSON object: {"passed": how many pass here, "only_here": those that fail here and pass there}. Needs the packages
of suite-requirements.txt. Tests that need the network or a server of their own fail on both, and count for neither.
"""
import json
import os
import re
import subprocess
import sys

import chromadb

from compare import ChromaServer

FILES = ["test_api.py", "api/test_collection.py", "api/test_count_api.py", "api/test_delete_database.py",
         "api/test_get_database.py", "api/test_invalid_update.py", "api/test_limit_offset.py",
         "api/test_list_databases.py", "api/test_numpy_list_inputs.py", "api/test_schema_e2e.py",
         "api/test_search_api.py", "client/test_database_tenant.py", "client/test_multiple_clients_concurrency.py"]
FOLDER = os.path.join(os.path.dirname(chromadb.__file__), "test")
# Those through a server that is there; others start one of their own, or need none.
THROUGH_A_SERVER = "integration"


def outcomes(port):
    environment = dict(os.environ, CHROMA_INTEGRATION_TEST_ONLY="1", CHROMA_SERVER_HOST="localhost",
                       CHROMA_SERVER_HTTP_PORT=str(port), CHROMA_API_IMPL="chromadb.api.fastapi.FastAPI",
                       ANONYMIZED_TELEMETRY="False", NO_PROXY="localhost,127.0.0.1")
    command = [sys.executable, "-m", "pytest", "-v", "--tb=no", "-p", "no:cacheprovider", "-W", "ignore",
               "-k", THROUGH_A_SERVER, *FILES]
    output = subprocess.run(command, cwd=FOLDER, env=environment, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True).stdout
    found = dict(re.findall(r"^(\S+::\S+) (PASSED|FAILED|ERROR|SKIPPED)", output, re.MULTILINE))
    if not found:
        raise SystemExit(output[-2000:])
    return found


def main():
    here = outcomes(int(sys.argv[1]))
    with ChromaServer(allows_reset=True) as server:
        there = outcomes(server.port)
    print(json.dumps({
        "passed": sum(outcome == "PASSED" for outcome in here.values()),
        "only_here": sorted(name for name, outcome in there.items()
                            if outcome == "PASSED" and here.get(name) != "PASSED")}))


main()
