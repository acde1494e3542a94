"""Items of many customers, written as JSON from columns."""
