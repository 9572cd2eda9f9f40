# One image for web, workers, relay and beat: docker-compose.yml says which is which.
FROM node:22-slim AS front-end
WORKDIR /throughline
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

FROM python:3.13-slim
WORKDIR /throughline
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    THROUGHLINE_READY=1 THROUGHLINE_VAR=/var/lib/throughline NUMBA_CACHE_DIR=/var/lib/throughline/numba LOG_FORMAT=json
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
RUN useradd --system --create-home --home-dir /var/lib/throughline throughline
COPY --from=front-end /throughline/node_modules node_modules
COPY . .
USER throughline
VOLUME /var/lib/throughline
EXPOSE 8000
CMD ["uvicorn", "suite.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off", "--timeout-graceful-shutdown", "2", "--no-access-log"]
