# One image for the worker and the local stand-ins; the command says which.
FROM python:3.11-slim

RUN useradd --create-home pipelines && install -d -o pipelines /state
WORKDIR /app
# Before the code, so that a change of the code does not install everything again.
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .

USER pipelines
ENV PYTHONUNBUFFERED=1 STATE_DIR=/state
VOLUME /state
CMD ["python", "worker.py"]
