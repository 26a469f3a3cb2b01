"""Build bookshop.sqlite, the sample database: an invented bookshop's books, customers, orders and reviews.

    python examples/bookshop.py [FILE]

The same rows come out on every machine: the random source is seeded and nothing depends on today's date.
"""

from __future__ import annotations

import random
import sqlite3
import sys
from datetime import date, timedelta
from pathlib import Path

SCHEMA = """
CREATE TABLE publishers (
    publisher_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    city TEXT NOT NULL,
    country TEXT NOT NULL
);
CREATE TABLE authors (
    author_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    country TEXT NOT NULL,
    birth_year INTEGER
);
CREATE TABLE genres (
    genre_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE books (
    book_id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    author_id INTEGER NOT NULL REFERENCES authors (author_id),
    genre_id INTEGER NOT NULL REFERENCES genres (genre_id),
    publisher_id INTEGER NOT NULL REFERENCES publishers (publisher_id),
    published_year INTEGER NOT NULL,
    format TEXT NOT NULL CHECK (format IN ('HC', 'PB', 'EB')),
    price REAL NOT NULL,
    stock INTEGER
);
CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT,
    city TEXT NOT NULL,
    country TEXT NOT NULL,
    joined_on DATE NOT NULL
);
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
    ordered_on DATE NOT NULL,
    shipped_on DATE,
    status TEXT NOT NULL CHECK (status IN ('P', 'S', 'D', 'C', 'R'))
);
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (order_id),
    book_id INTEGER NOT NULL REFERENCES books (book_id),
    quantity INTEGER NOT NULL,
    unit_price REAL NOT NULL,
    PRIMARY KEY (order_id, book_id)
);
CREATE TABLE reviews (
    review_id INTEGER PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES books (book_id),
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    written_on DATE NOT NULL,
    comment TEXT
);
CREATE VIEW order_totals AS
SELECT
    o.order_id, o.customer_id, o.ordered_on, o.status, SUM(l.quantity) AS books, SUM(l.quantity * l.unit_price) AS total
FROM orders AS o JOIN order_lines AS l ON l.order_id = o.order_id
GROUP BY o.order_id;
CREATE INDEX order_lines_by_book ON order_lines (book_id);
CREATE INDEX orders_by_customer ON orders (customer_id);
"""

FIRST_DAY = date(2023, 1, 1)
LAST_DAY = date(2025, 12, 31)

PUBLISHERS = (
    ("Harbour Lane", "London", "United Kingdom"),
    ("Nordlys Forlag", "Oslo", "Norway"),
    ("Verlag am Kai", "Hamburg", "Germany"),
    ("Éditions du Phare", "Lyon", "France"),
    ("Blue Heron Press", "Portland", "United States"),
    ("Maple & Quill", "Toronto", "Canada"),
    ("Casa Ocre", "Madrid", "Spain"),
)
AUTHORS = (
    ("Ada Whitcombe", "United Kingdom", 1961), ("Ingrid Solheim", "Norway", 1974),
    ("Marcus Okafor", "United Kingdom", 1980), ("Lena Hartmann", "Germany", 1969),
    ("Théo Marchand", "France", 1957), ("Grace Kimura", "United States", 1985),
    ("Daniel Ashby", "United Kingdom", 1948), ("Rosa Delgado", "Spain", 1977), ("Henrik Dahl", "Norway", 1952),
    ("Priya Raman", "India", 1982), ("Owen Fairweather", "Canada", 1966), ("Camille Roux", "France", 1990),
    ("Jonas Vogel", "Germany", 1973), ("Nora Lindqvist", "Sweden", 1959), ("Samuel Adeyemi", "Nigeria", 1971),
    ("Elena Petrova", "Bulgaria", None), ("Tomás Herrera", "Spain", 1945), ("Mei Tanaka", "Japan", 1988),
    ("Fiona McAllister", "United Kingdom", 1979), ("Walter Brandt", "Germany", 1938), ("Isla Moreau", "Canada", 1993),
    ("George Pemberton", "United Kingdom", None), ("Aisha Bello", "Nigeria", 1984), ("Lucas Ferreira", "Brazil", 1976),
    ("Hannah Sorensen", "United States", 1968), ("Victor Lindgren", "Sweden", 1955),
    ("Clara Whitfield", "United States", 1991), ("Rafael Ortega", "Spain", 1963),
    ("Yuki Mori", "Japan", None), ("Beatrice Langley", "United Kingdom", 1932),
)  # fmt: skip
TITLES = {
    "Crime": "The Last Ferry|A Cold Ledger|Death at Quarry House|The Silent Witness|Salt and Smoke|The Ninth Key|"
    "Low Water|A Debt in Bergen|The Clockmaker's Alibi|Blind Harbour|The Vicar of Thorn Street|Paper Tigers",
    "Fantasy": "The Glass Orchard|Ember and Ash|The Cartographer's Daughter|A Crown of Reeds|The Winter Door|"
    "Songs of the Deep Wood|The Raven Court|Moonwright|The Salt Road|Nine Lanterns",
    "Science Fiction": "Orbital Decay|The Quiet Engine|Seven Light Years|Colony Nine|The Memory Market|Dust Protocol|"
    "A Map of Small Stars|The Turing Garden|Afterlight|Signal Lost",
    "Romance": "Letters to Lisbon|The Summer Lease|Two Tickets Home|A Table for One|Almost September|"
    "The Lighthouse Wedding|Second Bloom|Under the Lime Trees",
    "History": "The Spice Routes|Rails Across Europe|Queens of the North|The Age of Sail|A Short History of Bread|"
    "The Forgotten Embassy|Iron and Ink|Cities of Clay|The Long Harvest",
    "Biography": "Marie Curie: A Life|The Man Who Mapped the Sea|Becoming Ada|A Painter in Exile|"
    "The Reluctant Minister|Voice of the River|My Father's Workshop",
    "Science": "How Birds Navigate|The Curious Cell|A Field Guide to Clouds|Numbers in Nature|The Sleeping Brain|"
    "Rivers of Ice|The Chemistry of Colour|What Trees Know",
    "Cooking": "Bread Every Day|The Coastal Kitchen|Thirty Soups|A Year of Preserves|Simple Pastry|Spice by Spice|"
    "The Vegetable Drawer",
    "Travel": "Slow Trains South|Walking the Fjords|A Week in Kyoto|The Islands in Winter|Across the Pyrenees|"
    "Desert Mornings",
    "Children": "The Bear Who Counted|Mina and the Moon|The Upside-Down Boat|Ten Tiny Dragons|Where Socks Go|"
    "The Owl's Umbrella|Pip Learns to Swim|The Midnight Library Cat|Grandpa's Kite",
    "Poetry": "Small Hours|The Weight of Light|Tidal|Notes from an Attic",
}  # fmt: skip
FIRST_NAMES = (
    "Anna", "Ben", "Carla", "David", "Emma", "Felix", "Greta", "Hugo", "Ines", "Jakob", "Karin", "Leo", "Maya",
    "Nils", "Olivia", "Paul", "Rita", "Simon", "Tara", "Ugo", "Vera", "William", "Yasmin", "Zoe", "Amelia", "Oscar",
    "Julia", "Martin", "Sofia", "Peter",
)  # fmt: skip
LAST_NAMES = (
    "Andersen", "Becker", "Campbell", "Dubois", "Evans", "Fischer", "Garcia", "Hughes", "Ivanov", "Jensen", "Keller",
    "Lopez", "Martin", "Novak", "O'Brien", "Patel", "Quinn", "Rossi", "Schmidt", "Taylor", "Usher", "Vidal", "Walker",
    "Young", "Zimmermann", "Berg", "Clarke", "Moreau", "Silva", "Wright",
)  # fmt: skip
PLACES = (
    ("London", "United Kingdom", 24), ("Edinburgh", "United Kingdom", 10), ("Berlin", "Germany", 16),
    ("Hamburg", "Germany", 10), ("Paris", "France", 14), ("Lyon", "France", 6), ("Oslo", "Norway", 9),
    ("Madrid", "Spain", 9), ("Stockholm", "Sweden", 6), ("Dublin", "Ireland", 8), ("Vienna", "Austria", 5),
)  # fmt: skip
COMMENTS = {
    1: ("Could not finish it.", "Arrived damaged and the story was no comfort."),
    2: ("Too slow for me.", "I expected more from this author."),
    3: ("Fine for a train journey.", "A good idea, unevenly told."),
    4: ("Warmly recommended.", "Beautifully written, a little long."),
    5: ("I read it in one night.", "The best book I bought this year.", "Bought a second copy as a present."),
}


def build(path: Path) -> None:
    """Write the database to `path`, in place of what is there."""
    unfinished = path.with_suffix(".building")
    unfinished.unlink(missing_ok=True)
    connection = sqlite3.connect(unfinished)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(SCHEMA)
        _fill(connection, random.Random(1887))
        connection.commit()
    finally:
        connection.close()
    unfinished.replace(path)


def _fill(connection: sqlite3.Connection, source: random.Random) -> None:
    _insert(connection, "publishers", [(number, *row) for number, row in enumerate(PUBLISHERS, 1)])
    _insert(connection, "authors", [(number, *row) for number, row in enumerate(AUTHORS, 1)])
    _insert(connection, "genres", list(enumerate(TITLES, 1)))
    books = _books(source)
    _insert(connection, "books", books)
    customers = _customers(source)
    _insert(connection, "customers", customers)
    orders, lines = _orders(source, customers, books)
    _insert(connection, "orders", orders)
    _insert(connection, "order_lines", lines)
    _insert(connection, "reviews", _reviews(source, orders, lines))


def _insert(connection: sqlite3.Connection, table: str, rows: list[tuple]) -> None:
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def _books(source: random.Random) -> list[tuple]:
    books = []
    for genre, titles in enumerate(TITLES.values(), 1):
        # Authors keep to a few genres; neighbouring genres share some.
        regulars = [(genre * 3 + step) % len(AUTHORS) + 1 for step in range(5)]
        for title in titles.split("|"):
            form = source.choices(("HC", "PB", "EB"), (3, 5, 2))[0]
            price = {"HC": 24.5, "PB": 11.5, "EB": 7.5}[form] + source.randrange(12) * 0.5
            stock = None if form == "EB" else source.choice((0, *range(1, 60)))
            author = source.choice(regulars)
            year = source.randint(max(1985, (AUTHORS[author - 1][2] or 1950) + 24), 2025)
            publisher = source.randint(1, len(PUBLISHERS))
            books.append((len(books) + 1, title, author, genre, publisher, year, form, price, stock))
    return books


def _customers(source: random.Random) -> list[tuple]:
    names = source.sample([f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES], 120)
    joined = sorted(FIRST_DAY + timedelta(days=int(900 * source.random() ** 1.6)) for _ in names)
    customers = []
    for number, (name, day) in enumerate(zip(names, joined, strict=True), 1):
        city, country, _ = source.choices(PLACES, [weight for _, _, weight in PLACES])[0]
        address = name.lower().replace(" ", ".").replace("'", "") + "@example.org"
        customers.append((number, name, address if source.random() > 0.12 else None, city, country, day.isoformat()))
    return customers


def _orders(source: random.Random, customers: list[tuple], books: list[tuple]) -> tuple[list[tuple], list[tuple]]:
    """Give orders by date, and their lines; some customers order often, some never, and December is busy."""
    keenness = {customer[0]: source.choice((0, 1, 1, 2, 3, 5, 8)) for customer in customers}
    popularity = [source.lognormvariate(0, 0.8) for _ in books]
    placed: list[tuple[date, int]] = []
    while len(placed) < 430:
        number, *_, joined = source.choices(customers, [keenness[customer[0]] for customer in customers])[0]
        day = FIRST_DAY + timedelta(days=source.randrange((LAST_DAY - FIRST_DAY).days + 1))
        if day >= date.fromisoformat(joined) and (day.month == 12 or source.random() < 0.6):
            placed.append((day, number))
    orders: list[tuple] = []
    lines: list[tuple] = []
    for number, (day, customer) in enumerate(sorted(placed), 1):
        age = (LAST_DAY - day).days
        status = source.choices("PSDCR", (8, 2, 0, 1, 0) if age < 7 else (0, 0, 90, 6, 4))[0]
        shipped = day + timedelta(days=source.randint(0, 5)) if status in "SDR" else None
        orders.append(
            (number, customer, day.isoformat(), min(shipped, LAST_DAY).isoformat() if shipped else None, status)
        )
        wanted = {book[0]: book for book in source.choices(books, popularity, k=source.choice((1, 1, 2, 2, 3, 4)))}
        for book in wanted.values():
            quantity = source.choices((1, 2, 3), (85, 12, 3))[0]
            # Prices are quarters of a unit, so that sums are exact in binary.
            price = round(book[7] * 3.6) / 4 if day.month == 11 else book[7]
            lines.append((number, book[0], quantity, price))
    return orders, lines


def _reviews(source: random.Random, orders: list[tuple], lines: list[tuple]) -> list[tuple]:
    """Give at most one review of a book by a customer who bought it."""
    bought = {order[0]: (order[1], date.fromisoformat(order[2])) for order in orders if order[4] == "D"}
    temper = {book: source.choice((-1, 0, 0, 1, 1)) for book in sorted({line[1] for line in lines})}
    seen: set[tuple[int, int]] = set()
    reviews = []
    for order, book, *_ in lines:
        if order not in bought or (bought[order][0], book) in seen or source.random() > 0.38:
            continue
        customer, day = bought[order]
        seen.add((customer, book))
        rating = min(5, max(1, source.choices((2, 3, 4, 5), (1, 3, 5, 4))[0] + temper[book]))
        written = min(day + timedelta(days=source.randint(5, 60)), LAST_DAY)
        comment = source.choice(COMMENTS[rating]) if source.random() > 0.35 else None
        reviews.append((book, customer, rating, written.isoformat(), comment))
    reviews.sort(key=lambda review: review[3])
    return [(number, *review) for number, review in enumerate(reviews, 1)]


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("bookshop.sqlite"))
