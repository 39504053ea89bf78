print("mynah")
