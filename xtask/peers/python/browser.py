"""A browser small enough to read: requests keeps the cookies, this fills in the forms."""

from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

import requests


class Page(HTMLParser):
    """The forms and links of one page."""

    def __init__(self, answer):
        super().__init__()
        self.url, self.status, self.html = answer.url, answer.status_code, answer.text
        self.forms, self.links, self._link = [], [], None
        self.feed(answer.text)

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        if tag == "form":
            method, to = has.get("method", "get").lower(), has.get("action") or ""
            self.forms.append({"method": method, "to": urljoin(self.url, to), "fields": {}})
        elif tag == "input" and self.forms and has.get("name"):
            self.forms[-1]["fields"][has["name"]] = has.get("value") or ""
        elif tag == "a" and has.get("href"):
            self._link = [urljoin(self.url, has["href"]), ""]

    def handle_data(self, data):
        if self._link:
            self._link[1] += data

    def handle_endtag(self, tag):
        if tag == "a" and self._link:
            self.links.append(tuple(self._link))
            self._link = None

    def form(self, field):
        """The form that has this field, or nothing."""
        return next((form for form in self.forms if field in form["fields"]), None)

    def link(self, name):
        """Where the link leads that has these words in it, or nothing."""
        return next((url for url, text in self.links if name in " ".join(text.split())), None)


class Browser:
    """Cookies, redirects, forms."""

    def __init__(self):
        self.session = requests.Session()

    def open(self, url, stop=None, **how):
        """Follows redirects up to a page, or up to an address that begins with `stop`."""
        method = how.pop("method", "GET")
        for _ in range(20):
            if stop and url.startswith(stop):
                return url
            answer = self.session.request(method, url, allow_redirects=False, timeout=30, **how)
            if "location" not in answer.headers:
                return Page(answer)
            method, how, url = "GET", {}, urljoin(url, answer.headers["location"])
        raise AssertionError(f"more than 20 redirects, now at {url}")

    def submit(self, page, form, values, stop=None):
        """Sends a form with its own fields and our values."""
        fields = {**form["fields"], **values}
        if form["method"] == "get":
            return self.open(form["to"], stop, params=fields)
        parts = urlsplit(page.url)
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}", "Referer": page.url}
        return self.open(form["to"], stop, method="POST", data=fields, headers=headers)

    def log_in(self, page, district, person, stop=None):
        """Finds the school and signs in, from a page or an address; returns where it ends."""
        if isinstance(page, str):
            page = self.open(page, stop)
        for _ in range(6):
            if not isinstance(page, Page):
                return page
            sign_in, finder = page.form("password"), page.form("q")
            found = page.link(district["name"])
            if sign_in:
                values = {key: person[key] for key in ("username", "password")}
                page = self.submit(page, sign_in, values, stop)
            elif found and finder:
                page = self.open(found, stop)
            elif finder:
                page = self.submit(page, finder, {"q": district["name"]}, stop)
            else:
                return page
        raise AssertionError(f"still at {page.url}: {page.html[:400]}")

    def keep_only(self, is_kept):
        """Drops the other cookies: the broker's, when the next person takes the device."""
        jar = self.session.cookies
        for cookie in list(jar):
            if not is_kept(cookie):
                jar.clear(cookie.domain, cookie.path, cookie.name)

    def follow_link(self, stage, person):
        """Follows an Instant Login Link of an application; returns where it leads."""
        application, district = stage["application"], stage["district"]
        query = urlencode({"client_id": application["id"], "district_id": district["id"]})
        stop = (application.get("launch") or {}).get("initiate_login_uri")
        link = f"{stage['auth']}/oauth/instant-login?{query}"
        return self.log_in(link, district, person, stop or application["redirect_uri"])

    def launch(self, stage, person):
        """Logs in at the portal and opens the tile of an application; returns where it leads."""
        portal = f"{stage['auth']}/in/{stage['district']['shortname']}"
        page = self.log_in(portal, stage["district"], person)
        tile = page.link(stage["application"]["name"])
        assert tile, f"no tile at {page.url}: {page.html[:400]}"
        launch = stage["application"].get("launch") or {}
        stop = launch.get("initiate_login_uri") or stage["application"]["redirect_uri"]
        return self.open(tile, stop=stop)
