"""JupyterHub 5 or newer with Branchbook's hub as one of its services.

People sign in once, at JupyterHub. Its groups can be members of namespaces, and what runs in somebody's server
(JupyterLab, notebooks, terminals) reaches the hub with the token that the server has anyway.
"""

c = get_config()  # noqa: F821

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
        # JupyterHub tells it in its environment who it is. Without a database of your own, its data are in one folder.
        "command": ["branchbook", "hub", "--data", "/srv/branchbook"],
        # What people grant the service when they sign in to its pages.
        "oauth_client_allowed_scopes": ["access:services!service=branchbook", "custom:branchbook:manage"],
        "oauth_no_confirm": True,
    }
]

branchbook = ["access:services!service=branchbook", "custom:branchbook:manage"]

c.JupyterHub.load_roles = [
    {
        # Everybody: may use the hub, and share their own server with others (JupyterLab's dialog warns of it).
        "name": "user",
        "scopes": ["self", "shares!user", "read:users:name", "read:groups:name", *branchbook],
    },
    {
        # What runs in their servers, for them. Without "shares!user", only JupyterHub's own pages share servers.
        "name": "server",
        "scopes": ["users:activity!user", "access:servers!server", "shares!user", *branchbook],
    },
]

# Where JupyterLab and notebooks find the hub: the address of the service, as people see it.
# c.Spawner.environment = {"BRANCHBOOK_HUB": "https://jupyter.example.org/services/branchbook"}
