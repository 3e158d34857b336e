# Targets: bot (no TensorFlow), engine (CPU), engine-gpu, ray (painters on other machines). Each keeps what it must not lose in /srv/data.
FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1
RUN useradd --uid 10001 atelier && install --directory --owner=atelier /srv/data
WORKDIR /src
COPY pyproject.toml constraints.txt constraints-gpu.txt README.md LICENSE ./
COPY bot ./bot
COPY engine ./engine

FROM base AS bot
RUN pip install --no-cache-dir --constraint constraints.txt .[postgres,s3]
USER atelier
WORKDIR /srv
VOLUME /srv/data
CMD ["python", "-m", "bot", "--config", "config.toml"]

FROM base AS engine
RUN pip install --no-cache-dir --constraint constraints.txt .[engine]
USER atelier
WORKDIR /srv
VOLUME /srv/data
EXPOSE 8787
CMD ["python", "-m", "engine", "serve", "--config", "config.toml"]

FROM base AS engine-gpu
RUN pip install --no-cache-dir --constraint constraints-gpu.txt .[engine-gpu]
USER atelier
WORKDIR /srv
VOLUME /srv/data
EXPOSE 8787
CMD ["python", "-m", "engine", "serve", "--config", "config.toml"]

FROM base AS ray
RUN pip install --no-cache-dir --constraint constraints-gpu.txt .[engine-gpu,ray]
USER atelier
WORKDIR /srv
