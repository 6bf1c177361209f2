"""Train on the passengers' columns named on the command line; write the model and its metrics."""

import json
import sys

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

features = sys.argv[1:]
table = pd.read_csv("data/passengers.csv")
seen, unseen = train_test_split(table, test_size=0.3, random_state=7)
model = LogisticRegression(max_iter=1000).fit(seen[features], seen["survived"])
joblib.dump(model, "models/model.joblib")
with open("metrics/model.json", "w") as file:
    json.dump({"accuracy": model.score(unseen[features], unseen["survived"]), "features": len(features)}, file)
