"""Staff pages: what the answers say."""

from flask import Blueprint
from flask_login import login_required


def make_blueprint(engine, config, questionnaires, today):
    pages = Blueprint("results", __name__)

    @pages.get("/results")
    @login_required
    def latest():
        return "soon"

    return pages
