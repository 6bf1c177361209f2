"""JupyterHub 5 or newer with Branchbook's hub as one of its services.

People sign in once, at JupyterHub. Its groups can be members of namespaces, and what runs in somebody's server
(JupyterLab, notebooks, terminals) reaches the hub with the token that the server has anyway.
"""

c = get_config()  # noqa: F821

# The address that people type into their browsers: links, sign-ins and JupyterLab lead there.
public_url = "http://127.0.0.1:8000/"
c.JupyterHub.public_url = public_url

# What a token may do at the hub at most. What its owner may do there at all, the hub's namespaces say.
c.JupyterHub.custom_scopes = {
    "custom:branchbook:read": {"description": "Look at what is shared through Branchbook"},
    "custom:branchbook:write": {
        "description": "Change what is shared through Branchbook",
        "subscopes": ["custom:branchbook:read"],
    },
    "custom:branchbook:manage": {
        "description": "Share through Branchbook: members, grants and links",
        "subscopes": ["custom:branchbook:write"],
    },
}

c.JupyterHub.services = [
    {
        "name": "branchbook",
        "url": "http://127.0.0.1:8420",
        # JupyterHub tells it in its environment who and where it is. Without a database of your own, its data are in
        # one folder, ~/.local/share/branchbook-hub: "--data", "/srv/branchbook" puts them elsewhere.
        "command": ["branchbook", "hub"],
        # Compute endpoints on this very machine are refused unless you say so.
        # "environment": {"BRANCHBOOK_HUB_LOOPBACK_ENDPOINTS": "1"},
        # What people grant the service when they sign in to its pages.
        "oauth_client_allowed_scopes": ["access:services!service=branchbook", "custom:branchbook:manage"],
        "oauth_no_confirm": True,
    }
]

branchbook = ["access:services!service=branchbook", "custom:branchbook:manage"]
# To share one's own server with others, by their names (JupyterLab's dialog warns of what that means). Without these,
# only JupyterHub's own pages share servers.
sharing = ["shares!user", "read:users:name", "read:groups:name"]

c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["self", *sharing, *branchbook]},
    # What runs in their servers, for them.
    {"name": "server", "scopes": ["users:activity!user", "access:servers!server", *sharing, *branchbook]},
]

# Where JupyterLab and notebooks find the hub: it is offered in their dialogs at once.
c.Spawner.environment = {"BRANCHBOOK_HUB": f"{public_url}services/branchbook"}
