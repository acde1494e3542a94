"""Alembic environment: runs the migrations on the connection that `service.store.database.engine.upgrade` holds."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
