# One image, three commands:
#   docker run -p 8080:8080 -v ppoyami:/app/data/artifacts ppoyami
#   docker run -v ppoyami:/app/data/artifacts -v ./export:/export ppoyami python -m ingest load --products /export/products.csv
#   docker run -v ./export:/export ppoyami python -m training.recommender evaluate --ratings /export/ratings.csv
FROM python:3.11-slim

RUN useradd --create-home ppoyami
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY engine engine
COPY ingest ingest
COPY training training
RUN pip install --no-cache-dir -c constraints.txt -e '.[postgres]'
COPY data/seed data/seed
RUN mkdir -p data/artifacts && chown -R ppoyami data/artifacts
USER ppoyami
ENV PPOYAMI_WEB__HOST=0.0.0.0
VOLUME /app/data/artifacts
EXPOSE 8080
CMD ["sh", "-c", "python -m ingest load --if-empty --products data/seed/products.csv --reviews data/seed/reviews.csv --ingredients data/seed/ingredients.csv && exec python -m bot"]
