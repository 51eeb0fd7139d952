# Two images: the worker (with starter.py and server.py), and the local stand-ins beside it in docker-compose.yml.
FROM python:3.11-slim AS packages

RUN useradd --create-home pipelines && install -d -o pipelines /state
WORKDIR /app
# Before the code, so that a change of the code does not install everything again.
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
ENV PYTHONUNBUFFERED=1 STATE_DIR=/state
VOLUME /state

FROM packages AS sandbox
COPY requirements-sandbox.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements-sandbox.txt
COPY . .
USER pipelines

# The last one is what a plain "docker build ." builds. It has production's code and nothing else.
FROM packages AS worker
COPY *.py ./
COPY activities activities
COPY commands commands
COPY connection connection
COPY encryption encryption
COPY models models
COPY observability observability
COPY providers providers
COPY service service
COPY settings settings
COPY web web
COPY workflows workflows
USER pipelines
CMD ["python", "worker.py"]
