# One image, three commands:
#   docker run -p 8080:8080 -v ppoyami:/app/data/artifacts ppoyami
#   docker run -v ppoyami:/app/data/artifacts -v ./export:/export ppoyami python -m ingest load --products /export/products.csv
#   docker run -v ./export:/export ppoyami python -m training.recommender evaluate --ratings /export/ratings.csv
FROM python:3.11-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-kor \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home ppoyami
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY engine engine
COPY ingest ingest
COPY training training
RUN pip install --no-cache-dir -c constraints.txt -e '.[ocr,postgres]'
COPY data/seed data/seed
RUN mkdir -p data/artifacts && chown -R ppoyami data/artifacts
USER ppoyami
# Tesseract's own threads cost three times the processor's time, and win little.
ENV PPOYAMI_WEB__HOST=0.0.0.0 OMP_THREAD_LIMIT=1
VOLUME /app/data/artifacts
EXPOSE 8080
CMD ["sh", "-c", "python -m ingest load --if-empty --products data/seed/products.csv --reviews data/seed/reviews.csv --ingredients data/seed/ingredients.csv --faq data/seed/faq.csv && exec python -m bot"]
