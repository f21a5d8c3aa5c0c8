"""What Alembic runs: the migrations, on the connection and in the transaction that app/storage/schema.py hands in."""

from alembic import context

from app.storage.schema import VERSION_TABLE

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    version_table=VERSION_TABLE,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
context.run_migrations()
